-- +goose Up
-- Who owned which partition when. A span that lasts has no end; a later one with the same key replaces it.
CREATE TABLE spans (
    namespace text        NOT NULL,
    lesson    text        NOT NULL,
    round     int         NOT NULL,
    team      int         NOT NULL,
    partition int         NOT NULL,
    began     timestamptz NOT NULL,
    ended     timestamptz,
    owner     text,                 -- member id; null without an owner
    client_id text        NOT NULL,
    colour    int         NOT NULL,
    state     text        NOT NULL, -- owned, moving, silent, free
    assignor  text        NOT NULL, -- of the group; server for KIP-848
    PRIMARY KEY (namespace, lesson, round, team, partition, began)
);

-- When the lanes were last seen: after a restart, what was open then is not known to have lasted longer.
ALTER TABLE rooms ADD COLUMN watched_at timestamptz;

-- +goose Down
ALTER TABLE rooms DROP COLUMN watched_at;
DROP TABLE spans;
