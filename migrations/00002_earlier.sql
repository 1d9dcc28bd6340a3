-- +goose Up
-- Actions about users that were produced before the round began.
ALTER TABLE counts ADD COLUMN earlier bigint NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE counts DROP COLUMN earlier;
