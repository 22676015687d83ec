BEGIN TRANSACTION;
CREATE TABLE announced_buckets (
	name TEXT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE bookmarks (
	job_name TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	run_number INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	run_id TEXT, 
	previous_run_id TEXT, 
	state TEXT NOT NULL, 
	committed FLOAT NOT NULL, 
	PRIMARY KEY (job_name, version)
);
INSERT INTO "bookmarks" VALUES('etl',1,1,0,'jr_0',NULL,'{"v":1}',1.0);
INSERT INTO "bookmarks" VALUES('etl',2,2,0,'jr_1',NULL,'{"v":2}',2.0);
CREATE TABLE buckets (
	name TEXT NOT NULL, 
	created FLOAT NOT NULL, 
	region TEXT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE catalog_column_statistics (
	table_id INTEGER NOT NULL, 
	partition TEXT NOT NULL, 
	column_name TEXT NOT NULL, 
	document BLOB NOT NULL, 
	PRIMARY KEY (table_id, partition, column_name), 
	FOREIGN KEY(table_id) REFERENCES catalog_tables (id) ON DELETE CASCADE
);
INSERT INTO "catalog_column_statistics" VALUES(1,'["2024","de"]','id',X'7B22436F6C756D6E4E616D65223A226964227D');
CREATE TABLE catalog_connections (
	name TEXT NOT NULL, 
	created FLOAT NOT NULL, 
	updated FLOAT NOT NULL, 
	updated_by TEXT NOT NULL, 
	document BLOB NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE catalog_databases (
	name TEXT NOT NULL, 
	created FLOAT NOT NULL, 
	document BLOB NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "catalog_databases" VALUES('shop',1.0,X'7B7D');
CREATE TABLE catalog_functions (
	database_name TEXT NOT NULL, 
	name TEXT NOT NULL, 
	created FLOAT NOT NULL, 
	document BLOB NOT NULL, 
	PRIMARY KEY (database_name, name), 
	FOREIGN KEY(database_name) REFERENCES catalog_databases (name) ON DELETE CASCADE
);
CREATE TABLE catalog_partition_indexes (
	table_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	"indexed" BLOB NOT NULL, 
	PRIMARY KEY (table_id, name), 
	FOREIGN KEY(table_id) REFERENCES catalog_tables (id) ON DELETE CASCADE
);
CREATE TABLE catalog_partitions (
	table_id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	created FLOAT NOT NULL, 
	document BLOB NOT NULL, 
	columns BLOB, 
	PRIMARY KEY (table_id, "key"), 
	FOREIGN KEY(table_id) REFERENCES catalog_tables (id) ON DELETE CASCADE
);
INSERT INTO "catalog_partitions" VALUES(1,'["2024","de"]',3.0,X'7B2253746F7261676544657363726970746F72223A7B224C6F636174696F6E223A2273333A2F2F73686F702F323032342F227D2C22506172616D6574657273223A7B226B223A2232303234227D7D',X'5B7B224E616D65223A226964222C2254797065223A22626967696E74227D5D');
INSERT INTO "catalog_partitions" VALUES(1,'["007","fr"]',3.0,X'7B2253746F7261676544657363726970746F72223A7B224C6F636174696F6E223A2273333A2F2F73686F702F3030372F227D2C22506172616D6574657273223A7B226B223A22303037227D7D',X'5B7B224E616D65223A226964222C2254797065223A22626967696E74227D5D');
INSERT INTO "catalog_partitions" VALUES(1,'["__HIVE_DEFAULT_PARTITION__","de"]',3.0,X'7B2253746F7261676544657363726970746F72223A7B224C6F636174696F6E223A2273333A2F2F73686F702F5F5F484956455F44454641554C545F504152544954494F4E5F5F2F227D2C22506172616D6574657273223A7B226B223A225F5F484956455F44454641554C545F504152544954494F4E5F5F227D7D',X'5B7B224E616D65223A226964222C2254797065223A22626967696E74227D5D');
INSERT INTO "catalog_partitions" VALUES(1,'["2025","it"]',3.0,X'7B7D',NULL);
CREATE TABLE catalog_table_versions (
	table_id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	updated FLOAT NOT NULL, 
	document BLOB NOT NULL, 
	PRIMARY KEY (table_id, version), 
	FOREIGN KEY(table_id) REFERENCES catalog_tables (id) ON DELETE CASCADE
);
CREATE TABLE catalog_tables (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	database_name TEXT NOT NULL, 
	name TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	created FLOAT NOT NULL, 
	updated FLOAT NOT NULL, 
	created_by TEXT NOT NULL, 
	document BLOB NOT NULL, 
	FOREIGN KEY(database_name) REFERENCES catalog_databases (name) ON DELETE CASCADE
);
INSERT INTO "catalog_tables" VALUES(1,'shop','orders',0,1.0,2.0,'arn',X'7B22506172746974696F6E4B657973223A5B7B224E616D65223A2279656172222C2254797065223A22696E74227D2C7B224E616D65223A22636F756E747279222C2254797065223A22737472696E67227D5D2C22526574656E74696F6E223A307D');
INSERT INTO "catalog_tables" VALUES(2,'shop','plain',0,1.0,2.0,'arn',X'7B22506172746974696F6E4B657973223A5B5D2C22526574656E74696F6E223A307D');
CREATE TABLE condition_marks (
	chain_id TEXT NOT NULL, 
	trigger_name TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	name TEXT NOT NULL, 
	state TEXT NOT NULL, 
	run_id TEXT NOT NULL, 
	PRIMARY KEY (chain_id, trigger_name, kind, name)
);
CREATE TABLE crawl_reports (
	run_id TEXT NOT NULL, 
	summary BLOB NOT NULL, 
	PRIMARY KEY (run_id)
);
CREATE TABLE crawlers (
	name TEXT NOT NULL, 
	created FLOAT NOT NULL, 
	modified FLOAT NOT NULL, 
	version INTEGER NOT NULL, 
	schedule TEXT, 
	activated FLOAT, 
	next_due FLOAT, 
	document BLOB NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE event_cursor (
	id INTEGER NOT NULL, 
	sequence INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE event_notifications (
	sequence INTEGER NOT NULL, 
	time FLOAT NOT NULL, 
	workflow_name TEXT NOT NULL, 
	event_id TEXT NOT NULL, 
	PRIMARY KEY (sequence)
);
CREATE TABLE event_rules (
	name TEXT NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	pattern TEXT, 
	schedule TEXT, 
	anchor FLOAT, 
	next_due FLOAT, 
	document BLOB NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE event_targets (
	rule_name TEXT NOT NULL, 
	id TEXT NOT NULL, 
	arn TEXT NOT NULL, 
	document BLOB NOT NULL, 
	PRIMARY KEY (rule_name, id)
);
CREATE TABLE events (
	sequence INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	time FLOAT NOT NULL, 
	source TEXT NOT NULL, 
	detail_type TEXT NOT NULL, 
	resources BLOB NOT NULL, 
	detail BLOB NOT NULL, 
	PRIMARY KEY (sequence), 
	UNIQUE (id)
);
CREATE TABLE firings (
	trigger_name TEXT NOT NULL, 
	occasion TEXT NOT NULL, 
	fired FLOAT, 
	chain_id TEXT, 
	note TEXT, 
	PRIMARY KEY (trigger_name, occasion)
);
CREATE TABLE folders (
	bucket TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	mtime_ns BIGINT NOT NULL, 
	attributes BLOB NOT NULL, 
	PRIMARY KEY (bucket, "key")
);
CREATE TABLE jobs (
	name TEXT NOT NULL, 
	created FLOAT NOT NULL, 
	modified FLOAT NOT NULL, 
	document BLOB NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "jobs" VALUES('etl',1.0,2.0,X'7B22526F6C65223A2272222C22436F6D6D616E64223A7B224E616D65223A22676C756565746C222C225363726970744C6F636174696F6E223A2273333A2F2F736372697074732F65746C2E7079227D7D');
CREATE TABLE objects (
	bucket TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	size BIGINT NOT NULL, 
	mtime_ns BIGINT NOT NULL, 
	etag TEXT NOT NULL, 
	attributes BLOB NOT NULL, 
	PRIMARY KEY (bucket, "key", size, mtime_ns)
);
CREATE TABLE role_attached_policies (
	role_key TEXT NOT NULL, 
	policy_arn TEXT NOT NULL, 
	PRIMARY KEY (role_key, policy_arn), 
	FOREIGN KEY(role_key) REFERENCES roles ("key")
);
CREATE TABLE role_inline_policies (
	role_key TEXT NOT NULL, 
	name TEXT NOT NULL, 
	document TEXT NOT NULL, 
	PRIMARY KEY (role_key, name), 
	FOREIGN KEY(role_key) REFERENCES roles ("key")
);
CREATE TABLE roles (
	"key" TEXT NOT NULL, 
	name TEXT NOT NULL, 
	role_id TEXT NOT NULL, 
	path TEXT NOT NULL, 
	created FLOAT NOT NULL, 
	trust_policy TEXT NOT NULL, 
	description TEXT, 
	max_session_seconds INTEGER NOT NULL, 
	boundary_arn TEXT, 
	tags TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
CREATE TABLE "runs" (
                sequence INTEGER NOT NULL, id TEXT NOT NULL, job_name TEXT NOT NULL,
                state TEXT NOT NULL, execution_class TEXT NOT NULL, command TEXT NOT NULL,
                script_location TEXT NOT NULL, python_version TEXT, glue_version TEXT,
                attempt INTEGER NOT NULL, previous_run_id TEXT, max_retries INTEGER NOT NULL,
                timeout_minutes INTEGER NOT NULL, dpus FLOAT NOT NULL, held_dpus FLOAT,
                held_memory_mb INTEGER, token TEXT NOT NULL, submitted FLOAT NOT NULL,
                started FLOAT, running FLOAT, completed FLOAT, modified FLOAT NOT NULL,
                stop_cause TEXT, state_detail TEXT, error_message TEXT, trigger_name TEXT,
                chain_id TEXT, due FLOAT NOT NULL, queued BOOLEAN NOT NULL, deadline FLOAT,
                notified FLOAT, dpu_seconds FLOAT, flex_delay FLOAT, ran_seconds FLOAT,
                document BLOB NOT NULL,
                PRIMARY KEY (sequence), UNIQUE (id) );
INSERT INTO "runs" VALUES(1,'jr_1','etl','WAITING','STANDARD','glueetl','s3://scripts/etl.py','3','5.1',0,NULL,0,10,10.0,NULL,NULL,'token-1',1700000000.0,NULL,NULL,NULL,1700000000.0,NULL,NULL,NULL,NULL,NULL,1700000000.0,0,NULL,NULL,NULL,NULL,NULL,X'7B22417267756D656E7473223A7B7D2C224D61784361706163697479223A31302E307D');
CREATE TABLE schema_version (
	version INTEGER NOT NULL
);
INSERT INTO "schema_version" VALUES(4);
CREATE TABLE tags (
	arn TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (arn, "key")
);
INSERT INTO "tags" VALUES('arn:aws:glue:us-east-1:123456789012:job/etl','team','sales');
CREATE TABLE trigger_events (
	sequence INTEGER NOT NULL, 
	trigger_name TEXT NOT NULL, 
	event_id TEXT NOT NULL, 
	arrived FLOAT NOT NULL, 
	PRIMARY KEY (sequence)
);
CREATE TABLE trigger_starts (
	job_name TEXT NOT NULL, 
	trigger_name TEXT NOT NULL, 
	PRIMARY KEY (job_name, trigger_name)
);
CREATE TABLE trigger_watches (
	kind TEXT NOT NULL, 
	name TEXT NOT NULL, 
	trigger_name TEXT NOT NULL, 
	PRIMARY KEY (kind, name, trigger_name)
);
CREATE TABLE triggers (
	name TEXT NOT NULL, 
	type TEXT NOT NULL, 
	state TEXT NOT NULL, 
	workflow_name TEXT, 
	schedule TEXT, 
	created FLOAT NOT NULL, 
	modified FLOAT NOT NULL, 
	activated FLOAT, 
	next_due FLOAT, 
	document BLOB NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE upload_parts (
	upload_id TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	size BIGINT NOT NULL, 
	etag TEXT NOT NULL, 
	modified FLOAT NOT NULL, 
	file TEXT NOT NULL, 
	checksums BLOB NOT NULL, 
	PRIMARY KEY (upload_id, number)
);
CREATE TABLE uploads (
	id TEXT NOT NULL, 
	bucket TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	initiated FLOAT NOT NULL, 
	checksum_algorithm TEXT, 
	attributes BLOB NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE workflow_runs (
	sequence INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	workflow_name TEXT NOT NULL, 
	previous_run_id TEXT, 
	status TEXT NOT NULL, 
	started FLOAT NOT NULL, 
	completed FLOAT, 
	error_message TEXT, 
	properties BLOB NOT NULL, 
	triggers BLOB NOT NULL, 
	batch BLOB NOT NULL, 
	PRIMARY KEY (sequence), 
	UNIQUE (id)
);
CREATE TABLE workflows (
	name TEXT NOT NULL, 
	created FLOAT NOT NULL, 
	modified FLOAT NOT NULL, 
	document BLOB NOT NULL, 
	PRIMARY KEY (name)
);
CREATE INDEX bookmarks_of_run ON bookmarks (job_name, run_id);
CREATE INDEX event_rules_due ON event_rules (next_due) WHERE next_due IS NOT NULL;
CREATE INDEX targets_by_arn ON event_targets (arn, rule_name);
CREATE INDEX notifications_by_time ON event_notifications (time, sequence);
CREATE INDEX triggers_due ON triggers (next_due) WHERE next_due IS NOT NULL;
CREATE INDEX triggers_of_workflow ON triggers (workflow_name, name);
CREATE INDEX watches_of_trigger ON trigger_watches (trigger_name);
CREATE INDEX starts_of_trigger ON trigger_starts (trigger_name);
CREATE INDEX firings_of_chain ON firings (chain_id);
CREATE INDEX runs_of_workflow ON workflow_runs (workflow_name, sequence);
CREATE INDEX workflow_runs_active ON workflow_runs (workflow_name) WHERE completed IS NULL;
CREATE INDEX events_of_trigger ON trigger_events (trigger_name, sequence);
CREATE INDEX uploads_of_bucket ON uploads (bucket, "key", initiated, id);
CREATE UNIQUE INDEX catalog_tables_by_name ON catalog_tables (database_name, name);
CREATE INDEX runs_of_job ON runs (job_name, sequence);
CREATE INDEX runs_active ON runs (job_name, completed) WHERE completed IS NULL;
CREATE INDEX runs_unfinished ON runs (state, sequence) WHERE completed IS NULL;
CREATE INDEX runs_of_chain ON runs (chain_id, sequence) WHERE chain_id IS NOT NULL;
CREATE INDEX crawlers_due ON crawlers (next_due) WHERE next_due IS NOT NULL;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('catalog_tables',2);
COMMIT;
