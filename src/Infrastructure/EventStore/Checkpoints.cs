using Npgsql;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>Checkpoints where Marten keeps them: the row of a projection named X is <c>X:All</c>.</summary>
internal sealed class Checkpoints(EventPool pool) : ICheckpoints
{
    public async Task<long> Load(string name, CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand(
            "select last_seq_id from public.mt_event_progression where name = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Row(name) });
        return await command.ExecuteScalarAsync(cancel) as long? ?? 0;
    }

    public async Task<bool> Move(string name, long from, long to, CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand(from == 0
            ? """
              insert into public.mt_event_progression as p (name, last_seq_id, last_updated)
              values ($1, $3, transaction_timestamp())
              on conflict (name) do update
              set last_seq_id = excluded.last_seq_id, last_updated = excluded.last_updated
              where coalesce(p.last_seq_id, 0) = $2
              """
            : """
              update public.mt_event_progression set last_seq_id = $3, last_updated = transaction_timestamp()
              where name = $1 and last_seq_id = $2
              """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Row(name) });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = from });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = to });
        return await command.ExecuteNonQueryAsync(cancel) == 1;
    }

    private static string Row(string name) => name + ":All";
}
