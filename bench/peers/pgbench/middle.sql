SELECT * FROM users WHERE id > :users / 2 ORDER BY id LIMIT 100;
