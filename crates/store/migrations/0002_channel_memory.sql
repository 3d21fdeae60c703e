-- What a channel keeps of an alert on the other side: the number of a ticket, the place
-- of a message in its room. The form of the value is for the channel to choose.
CREATE TABLE channel_memory (
    channel {text} NOT NULL,
    alert {text} NOT NULL,
    value {text} NOT NULL,
    PRIMARY KEY (channel, alert)
) {strict};
CREATE INDEX channel_memory_by_alert ON channel_memory (alert);
