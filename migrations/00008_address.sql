-- +goose Up
-- Where the other leaderboards send the instructor: the holder's --advertise-url.
ALTER TABLE rooms ADD COLUMN address text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE rooms DROP COLUMN address;
