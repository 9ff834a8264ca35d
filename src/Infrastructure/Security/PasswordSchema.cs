using Npgsql;

namespace EventFiles.Infrastructure.Security;

/// <summary>The table that passwords are kept in.</summary>
public static class PasswordSchema
{
    // Any number nobody else locks: "if not exists" alone does not keep two starting nodes out of each other's way.
    private const long SchemaLock = 0x4556454E54465057;

    /// <summary>Creates what is missing; safe at every start of every node.</summary>
    public static async Task Create(NpgsqlDataSource database, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(database);
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using (var wait = new NpgsqlCommand($"select pg_advisory_xact_lock({SchemaLock})", connection))
            await wait.ExecuteNonQueryAsync(cancel);
        await using (var create = new NpgsqlCommand(await Script(cancel), connection))
            await create.ExecuteNonQueryAsync(cancel);
        await transaction.CommitAsync(cancel);
    }

    private static async Task<string> Script(CancellationToken cancel)
    {
        var resource = $"{typeof(PasswordSchema).Namespace}.Schema.passwords.sql";
        await using var stream = typeof(PasswordSchema).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The script {resource} is not in the program.");
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(cancel);
    }
}
