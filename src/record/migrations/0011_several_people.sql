-- Where several people must say yes each of them has a row: the key told only a yes from a no. Of answers of before, and of the one that
-- settles a question, it is empty.
ALTER TABLE approval_events /*ON CLUSTER*/
    ADD COLUMN IF NOT EXISTS voice String COMMENT 'When and whose, of a yes that others have to say as well; empty in the answer that settles it' CODEC(ZSTD(1)),
    MODIFY COLUMN event LowCardinality(String) COMMENT 'approved, rejected, or yes for one of several',
    MODIFY ORDER BY (approval, event, voice);
