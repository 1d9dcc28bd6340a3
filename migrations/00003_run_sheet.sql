-- +goose Up
-- Where the class is in its run sheet, and what the spotlight is on; null before the first step.
ALTER TABLE rooms ADD COLUMN position jsonb;

-- +goose Down
ALTER TABLE rooms DROP COLUMN position;
