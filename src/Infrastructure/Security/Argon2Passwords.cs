using System.Text;
using EventFiles.Features.Accounts;
using Npgsql;

namespace EventFiles.Infrastructure.Security;

/// <summary>Passwords as argon2id hashes in PostgreSQL. Needs the table that <see cref="EventStore.EventStoreSchema"/> makes.</summary>
internal sealed class Argon2Passwords(NpgsqlDataSource database, HashingThreads threads) : IPasswords
{
    private readonly string decoy = Argon2.Decoy();

    public async Task<Rejection?> Set(string holder, string password, CancellationToken cancel)
    {
        using var place = threads.TakePlace();
        if (place is null)
            return AccountsRejection.Busy;

        var hash = await place.Run(() => Argon2.Hash(Composed(password)), cancel);
        await using var command = database.CreateCommand(
            """
            insert into eventfiles.passwords (holder, hash, changed_at) values ($1, $2, now())
            on conflict (holder) do update set hash = excluded.hash, changed_at = excluded.changed_at
            """);
        command.Parameters.Add(new() { Value = holder });
        command.Parameters.Add(new() { Value = hash });
        await command.ExecuteNonQueryAsync(cancel);
        return null;
    }

    public async Task<Answer<bool>> Verify(string? holder, string password, CancellationToken cancel)
    {
        using var place = threads.TakePlace();
        if (place is null)
            return AccountsRejection.Busy;

        var stored = await Find(holder ?? "", cancel);
        var isRight = await place.Run(() => IsRight(stored ?? decoy, password), cancel) && stored is not null;
        if (isRight && !stored!.StartsWith(Argon2.Prefix, StringComparison.Ordinal))
            await Renew(holder!, stored, await place.Run(() => Argon2.Hash(Composed(password)), cancel), cancel);
        return isRight;
    }

    public async Task<bool> Take(string holder, string from, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(
            """
            with taken as (delete from eventfiles.passwords where holder = $2 returning hash)
            insert into eventfiles.passwords (holder, hash, changed_at) select $1, hash, now() from taken
            on conflict (holder) do update set hash = excluded.hash, changed_at = excluded.changed_at
            """);
        command.Parameters.Add(new() { Value = holder });
        command.Parameters.Add(new() { Value = from });
        return await command.ExecuteNonQueryAsync(cancel) > 0;
    }

    public async Task Remove(string holder, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("delete from eventfiles.passwords where holder = $1");
        command.Parameters.Add(new() { Value = holder });
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static bool IsRight(string hash, string password) =>
        Bcrypt.IsHash(hash) ? Bcrypt.Verify(hash, Composed(password)) : Argon2.Verify(hash, Composed(password));

    // One keyboard sends é as one character, another as two: NIST SP 800-63B asks to make them the same.
    private static string Composed(string password)
    {
        try
        {
            return password.Normalize(NormalizationForm.FormC);
        }
        catch (ArgumentException)
        {
            return password; // half a surrogate pair; taken as it is
        }
    }

    private async Task<string?> Find(string holder, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select hash from eventfiles.passwords where holder = $1");
        command.Parameters.Add(new() { Value = holder });
        return (string?)await command.ExecuteScalarAsync(cancel);
    }

    // Only if it is still the hash that was checked: the password may have been changed meanwhile.
    private async Task Renew(string holder, string outdated, string hash, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(
            "update eventfiles.passwords set hash = $3, changed_at = now() where holder = $1 and hash = $2");
        command.Parameters.Add(new() { Value = holder });
        command.Parameters.Add(new() { Value = outdated });
        command.Parameters.Add(new() { Value = hash });
        await command.ExecuteNonQueryAsync(cancel);
    }
}
