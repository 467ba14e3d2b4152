-- What a lease was asked with beside its namespaces, and which leases it was narrowed from: without both, nobody can say what another policy
-- would have given in its place. Events of before say neither.
ALTER TABLE lease_events /*ON CLUSTER*/
    ADD COLUMN IF NOT EXISTS parameters String DEFAULT '' COMMENT 'JSON object of what stands in the places of its template; only where it was issued, empty in rows of before' CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS ancestors Array(String) DEFAULT [] COMMENT 'Leases that it was narrowed from, the first of them first; only where it was issued' CODEC(ZSTD(1));
