-- +goose Up
-- Questions that were put to the room, with their tallies, answers and evidence.
CREATE TABLE predictions (
    namespace  text   NOT NULL,
    lesson     text   NOT NULL,
    id         bigint NOT NULL, -- grows over all rounds
    round      int    NOT NULL,
    prediction jsonb  NOT NULL,
    PRIMARY KEY (namespace, lesson, id)
);

CREATE TABLE votes (
    namespace  text   NOT NULL,
    lesson     text   NOT NULL,
    prediction bigint NOT NULL,
    voter      text   NOT NULL, -- a random id: nothing tells who it is
    option     int    NOT NULL,
    team       int    NOT NULL, -- 0 for a guest
    PRIMARY KEY (namespace, lesson, prediction, voter)
);

-- +goose Down
DROP TABLE votes, predictions;
