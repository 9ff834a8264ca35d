using Npgsql;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>One statement on a connection of the pool, for tables of ours that need no more.</summary>
internal static class PlainCommands
{
    /// <summary>Runs it.</summary>
    /// <param name="arguments">For <c>$1</c> and those that follow; none is null.</param>
    /// <returns>How many rows it concerned.</returns>
    public static async Task<int> Run(this EventPool pool, string sql, CancellationToken cancel, params object[] arguments)
    {
        await using var command = pool.Command(sql, arguments);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Prepares it; whoever asks runs it and disposes of it.</summary>
    public static NpgsqlCommand Command(this EventPool pool, string sql, object[] arguments)
    {
        var command = pool.Source.CreateCommand(sql);
        foreach (var argument in arguments)
            command.Parameters.Add(new NpgsqlParameter { Value = argument });
        return command;
    }
}
