import type { Knex } from '../connect';

const ID = 'VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';
const EXACT_NAME = 'VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';
const TABLE_OPTIONS = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC';

const TABLES = [
  // whoever writes entries holds its row: imports take turns, batch by batch, instead of deadlocking over what both hold
  `CREATE TABLE IF NOT EXISTS ioc_writing (
    name VARCHAR(16) CHARACTER SET ascii NOT NULL PRIMARY KEY
  )`,
  // what tells entries by their tags, in lower case
  `CREATE TABLE IF NOT EXISTS ioc_tags (
    tag ${EXACT_NAME} NOT NULL,
    ioc_id BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (tag, ioc_id),
    KEY by_ioc (ioc_id),
    FOREIGN KEY (ioc_id) REFERENCES iocs (id) ON DELETE CASCADE
  )`,
  `CREATE TABLE IF NOT EXISTS ioc_sources (
    name ${EXACT_NAME} NOT NULL PRIMARY KEY,
    reliability CHAR(1) NOT NULL,
    confidence TINYINT UNSIGNED NOT NULL,
    tlp VARCHAR(16) NULL,
    expires_after_days INT UNSIGNED NULL,
    tags TEXT NOT NULL,
    description TEXT NULL,
    feed_url TEXT NULL,
    feed_format VARCHAR(40) NULL,
    feed_columns TEXT NULL,
    feed_every_seconds INT UNSIGNED NULL,
    feed_paused TINYINT(1) NOT NULL DEFAULT 0,
    etag TEXT NULL,
    last_modified VARCHAR(64) NULL,
    polled_at DATETIME(6) NULL,
    poll_outcome VARCHAR(16) NULL,
    poll_error TEXT NULL,
    last_import_id ${ID} NULL,
    created_at DATETIME(6) NOT NULL,
    created_by VARCHAR(190) NOT NULL,
    updated_at DATETIME(6) NOT NULL
  )`,
  `CREATE TABLE IF NOT EXISTS ioc_imports (
    id ${ID} NOT NULL PRIMARY KEY,
    source ${EXACT_NAME} NOT NULL,
    file_name TEXT NULL,
    bytes BIGINT UNSIGNED NOT NULL,
    file_sha256 BINARY(32) NOT NULL,
    identity BINARY(32) NOT NULL,
    options TEXT NOT NULL,
    state VARCHAR(16) NOT NULL,
    error TEXT NULL,
    format VARCHAR(40) NULL,
    position BIGINT UNSIGNED NOT NULL DEFAULT 0,
    bytes_done BIGINT UNSIGNED NOT NULL DEFAULT 0,
    \`lines\` BIGINT UNSIGNED NOT NULL DEFAULT 0,
    added BIGINT UNSIGNED NOT NULL DEFAULT 0,
    updated BIGINT UNSIGNED NOT NULL DEFAULT 0,
    unchanged BIGINT UNSIGNED NOT NULL DEFAULT 0,
    revoked BIGINT UNSIGNED NOT NULL DEFAULT 0,
    flagged BIGINT UNSIGNED NOT NULL DEFAULT 0,
    refused BIGINT UNSIGNED NOT NULL DEFAULT 0,
    unsupported BIGINT UNSIGNED NOT NULL DEFAULT 0,
    requested_by VARCHAR(190) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    started_at DATETIME(6) NULL,
    finished_at DATETIME(6) NULL,
    check_at DATETIME(6) NULL,
    UNIQUE KEY by_identity (identity),
    KEY by_check (check_at),
    KEY by_created (created_at, id),
    KEY by_source (source, created_at, id)
  )`,
  // the file, until it is read
  `CREATE TABLE IF NOT EXISTS ioc_import_chunks (
    import_id ${ID} NOT NULL,
    seq INT UNSIGNED NOT NULL,
    data LONGBLOB NOT NULL,
    created_at DATETIME(6) NOT NULL,
    PRIMARY KEY (import_id, seq),
    KEY by_created (created_at)
  )`,
  `CREATE TABLE IF NOT EXISTS ioc_import_problems (
    import_id ${ID} NOT NULL,
    seq INT UNSIGNED NOT NULL,
    line BIGINT UNSIGNED NOT NULL,
    kind VARCHAR(16) NOT NULL,
    text TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (import_id, seq),
    FOREIGN KEY (import_id) REFERENCES ioc_imports (id) ON DELETE CASCADE
  )`,
];

/** The IOC database as the team's own: sources with their settings, imports as jobs, what analysts say. */
export async function up(knex: Knex): Promise<void> {
  for (const statement of TABLES) await knex.raw(`${statement} ${TABLE_OPTIONS}`);
  await knex.raw("INSERT IGNORE INTO ioc_writing (name) VALUES ('turn')");
  // one statement a table: all of its columns are there, or none is
  if (!(await knex.schema.hasColumn('ioc_sightings', 'added_at'))) {
    await knex.raw(`ALTER TABLE ioc_sightings
      ADD COLUMN added_by VARCHAR(190) NULL,
      ADD COLUMN added_at DATETIME(6) NULL,
      ADD COLUMN import_id ${ID} NULL,
      ADD COLUMN revoked_at DATETIME(6) NULL,
      ADD KEY by_source (source, ioc_id)`);
  }
  if (!(await knex.schema.hasColumn('iocs', 'prefix'))) {
    await knex.raw(`ALTER TABLE iocs
      ADD COLUMN prefix SMALLINT UNSIGNED NULL,
      ADD COLUMN created_by VARCHAR(190) NOT NULL DEFAULT 'system',
      ADD COLUMN verdict VARCHAR(16) NULL,
      ADD COLUMN verdict_reason TEXT NULL,
      ADD COLUMN verdict_by VARCHAR(190) NULL,
      ADD COLUMN verdict_at DATETIME(6) NULL,
      ADD KEY by_prefix (prefix),
      ADD KEY by_type (type, id),
      ADD KEY by_verdict (verdict, id)`);
  }
  // both may be done again
  await knex.raw(`UPDATE iocs SET prefix = SUBSTRING_INDEX(value, '/', -1) + IF(value LIKE '%:%', 128, 0)
    WHERE type = 'ip' AND value REGEXP '/[0-9]{1,3}$' AND prefix IS NULL`);
  await knex.raw(`INSERT IGNORE INTO ioc_tags (tag, ioc_id)
    SELECT LOWER(TRIM(told.tag)), sighting.ioc_id FROM ioc_sightings AS sighting,
      JSON_TABLE(sighting.tags, '$[*]' COLUMNS (tag VARCHAR(190) PATH '$')) AS told
    WHERE TRIM(told.tag) <> ''`);
}
