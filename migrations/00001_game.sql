-- +goose Up
-- Every table is keyed by (namespace, lesson): rooms that share a database do not meet in it.

CREATE TABLE rooms (
    namespace text   NOT NULL,
    lesson    text   NOT NULL,
    term      bigint NOT NULL, -- grows each time a leaderboard gets the room's lock
    holder    text   NOT NULL, -- who got it last, host:pid
    message   text   NOT NULL DEFAULT '',
    PRIMARY KEY (namespace, lesson)
);

CREATE TABLE rounds (
    namespace     text        NOT NULL,
    lesson        text        NOT NULL,
    round         int         NOT NULL,
    began         timestamptz NOT NULL,
    ended         timestamptz,
    topic_id      text        NOT NULL,
    start_offsets bigint[]    NOT NULL, -- log end offsets of the lesson's topic when the round began
    frozen        jsonb,                -- what the room sees of the score while the board is frozen
    PRIMARY KEY (namespace, lesson, round)
);

CREATE TABLE teams (
    namespace text NOT NULL,
    lesson    text NOT NULL,
    team      int  NOT NULL,
    name      text NOT NULL,
    PRIMARY KEY (namespace, lesson, team)
);

CREATE TABLE badges (
    namespace text        NOT NULL,
    lesson    text        NOT NULL,
    round     int         NOT NULL,
    team      int         NOT NULL,
    badge     text        NOT NULL,
    earned_at timestamptz NOT NULL,
    first     boolean     NOT NULL,
    evidence  jsonb       NOT NULL,
    removed_at timestamptz,             -- when the instructor took it back
    PRIMARY KEY (namespace, lesson, round, team, badge)
);

-- What a team is half-way to, and who was last seen in its group.
CREATE TABLE states (
    namespace text  NOT NULL,
    lesson    text  NOT NULL,
    round     int   NOT NULL,
    team      int   NOT NULL,
    state     jsonb NOT NULL,
    PRIMARY KEY (namespace, lesson, round, team)
);

CREATE TABLE counts (
    namespace    text   NOT NULL,
    lesson       text   NOT NULL,
    round        int    NOT NULL,
    team         int    NOT NULL,
    accepted     bigint NOT NULL,
    rejected     bigint NOT NULL,
    duplicate    bigint NOT NULL,
    unverifiable bigint NOT NULL,
    meeting      bigint NOT NULL,
    found        bigint NOT NULL,
    first_at     timestamptz,
    stats_at     timestamptz,
    processed    bigint NOT NULL,
    flagged      bigint NOT NULL,
    rejections   jsonb  NOT NULL,
    PRIMARY KEY (namespace, lesson, round, team)
);

-- How far the counts of a round have consumed each topic; written together with them.
CREATE TABLE offsets (
    namespace   text   NOT NULL,
    lesson      text   NOT NULL,
    round       int    NOT NULL,
    topic       text   NOT NULL,
    partition   int    NOT NULL,
    topic_id    text   NOT NULL,
    next_offset bigint NOT NULL,
    PRIMARY KEY (namespace, lesson, round, topic, partition)
);

CREATE TABLE events (
    namespace text        NOT NULL,
    lesson    text        NOT NULL,
    id        bigint      NOT NULL,
    round     int         NOT NULL,
    team      int         NOT NULL, -- 0 for the whole room
    at        timestamptz NOT NULL,
    kind      text        NOT NULL,
    text      text        NOT NULL,
    pause_ms  bigint,
    badge     text        NOT NULL,
    ticker    boolean     NOT NULL,
    PRIMARY KEY (namespace, lesson, id)
);
CREATE INDEX events_of_round ON events (namespace, lesson, round, id);

-- +goose Down
DROP TABLE events, offsets, counts, states, badges, teams, rounds, rooms;
