-- Who watches the sessions of a lease stands with the other acts of people.
ALTER TABLE stop_events /*ON CLUSTER*/
    COMMENT COLUMN event 'end, stop, start, freeze or thaw; watch and unwatch of a lease whose sessions somebody watches',
    COMMENT COLUMN reason 'Why; of unwatch, whether they left or were not heard of any more';
ALTER TABLE requests /*ON CLUSTER*/
    COMMENT COLUMN detail 'Decision: what was missing; of a session that had to be watched, by whom it was when it began';
