\set id random(1, :users)
SELECT * FROM users WHERE id = :id;
