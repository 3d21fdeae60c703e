-- Whether people or roles changed is asked all the time, and tokens are many.
CREATE INDEX feed_of_people ON feed (rev) WHERE kind <> 'token';
