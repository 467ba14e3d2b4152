-- What would become another by a yes, as the plan showed it: without it the record says that somebody agreed, and not to what.
ALTER TABLE approval_events /*ON CLUSTER*/
    ADD COLUMN IF NOT EXISTS changes String DEFAULT '' COMMENT 'What the plan of a write would make another, JSON, without credentials; empty where no plan said so' CODEC(ZSTD(1));
