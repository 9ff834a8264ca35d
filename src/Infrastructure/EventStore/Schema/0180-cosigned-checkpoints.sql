-- Who proves something with a witness looks for the newest checkpoint that one has signed.
create index log_checkpoints_cosigned on eventfiles.log_checkpoints (size desc) where cosignatures <> '';
