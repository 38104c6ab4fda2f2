// Fills a database with the users of a JSON file, in one statement.
//
// Arguments: the folder that the packages are installed in, the file, and either the path of a
// new SQLite database or the address of a PostgreSQL database.

const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");

const [folder, file, database] = process.argv.slice(2);
const installed = createRequire(`${folder}/package.json`);
const users = readFileSync(file, "utf8");

const texts = [
  "end_user_id", "external_id", "first_name", "last_name", "display_name", "avatar", "email", "language",
];

function fillSqlite() {
  const Database = installed("better-sqlite3");
  const store = new Database(database);
  const columns = [...texts, "metadata", "created_at", "updated_at"];
  store.exec(
    `create table users (id integer primary key, ${columns.map((column) => `${column} text`).join(", ")})`,
  );
  store.exec("create unique index users_by_external_id on users (external_id)");
  const fields = ["id", ...columns];
  const values = fields.map((field) => `value ->> '${field}'`).join(", ");
  store
    .prepare(`insert into users (${fields.join(", ")}) select ${values} from json_each(?)`)
    .run(users);
  store.close();
}

async function fillPostgres() {
  // It is a package that Directus needs, not one of ours.
  const { Client } = createRequire(installed.resolve("@directus/api"))("pg");
  const client = new Client({ connectionString: database });
  await client.connect();
  await client.query(
    `create table users (id serial primary key, ${texts.map((column) => `${column} text`).join(", ")},
      metadata json, created_at timestamptz, updated_at timestamptz)`,
  );
  await client.query("create unique index users_by_external_id on users (external_id)");
  await client.query("insert into users select * from json_populate_recordset(null::users, $1)", [users]);
  await client.query("select setval('users_id_seq', (select max(id) from users))");
  await client.query("vacuum analyze users");
  await client.end();
}

if (database.startsWith("postgres://")) {
  fillPostgres().catch((problem) => {
    console.error(problem);
    process.exit(1);
  });
} else {
  fillSqlite();
}
