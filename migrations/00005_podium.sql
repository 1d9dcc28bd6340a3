-- +goose Up
-- The first three teams of the latest round that was revealed or has ended; null before. Without places once it was dismissed.
ALTER TABLE rooms ADD COLUMN podium jsonb;

-- +goose Down
ALTER TABLE rooms DROP COLUMN podium;
