using System.Globalization;
using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Infrastructure.LogFiles;

/// <summary>
/// How what a chunk tells of persons is written: under the keys of the place that it comes to, and of whom that place knows
/// to be erased, not at all; nor what they tell of a file that was.
/// </summary>
internal sealed class ImportSeals
{
    private readonly Dictionary<string, PrivateSeal> byTenant = new(StringComparer.Ordinal);
    private IReadOnlySet<FileId> files = new HashSet<FileId>();

    /// <summary>Asks for the keys of all whom a chunk tells of.</summary>
    public static async Task<ImportSeals> Of(LogChunk chunk, PrivateKeys keys, CancellationToken cancel)
    {
        var seals = new ImportSeals { files = await keys.ErasedFiles(cancel) };
        var tenants = chunk.Events.Select(happened => happened.Private?.Tenant)
            .Concat(chunk.Passwords.Select(one => TenantOf(one.Password)))
            .OfType<string>().Distinct(StringComparer.Ordinal);
        foreach (var tenant in tenants)
        {
            if (Guid.TryParse(tenant, CultureInfo.InvariantCulture, out var id))
                seals.byTenant.Add(tenant, await keys.ToSeal(new AccountId(id), cancel));
        }

        return seals;
    }

    public bool IsErased(string? tenant) => tenant is not null && byTenant.GetValueOrDefault(tenant) is { IsErased: true };

    /// <summary>Of an event with private values.</summary>
    public bool IsErased(LogEvent happened) => IsErased(happened.Private?.Tenant) || IsErasedFile(happened.Stream);

    /// <summary>Of a claim: of somebody, or of a file's name.</summary>
    public bool IsErased(ImportedClaim claimed) => IsErased(claimed.Tenant) || IsErasedFile(claimed.Claim.Holder);

    /// <summary>Of the holder of a password.</summary>
    public bool IsErasedHolder(string holder) => IsErased(TenantOf(holder));

    /// <summary>The columns of a private row that came open.</summary>
    public (byte[] Salt, byte[] Fields) Close(LogEvent happened, LogPrivate row) =>
        byTenant.GetValueOrDefault(row.Tenant) is { Key: { } key }
            ? PersonalFields.Seal(new PrivateRow(row.Salt, row.Fields).Values(), row.Salt, happened.Id, key)
            : (row.Salt, row.Fields);

    // Streams and holders of a file: a word, a dash, its id; and perhaps another dash and more.
    private bool IsErasedFile(string name) =>
        files.Count > 0 && name.IndexOf('-', StringComparison.Ordinal) + 1 is > 0 and var at && name.Length >= at + IdLength
        && Guid.TryParseExact(name.AsSpan(at, IdLength), "D", out var id) && files.Contains(new FileId(id));

    private const int IdLength = 36;

    private static string? TenantOf(string holder) =>
        holder.StartsWith(AccountHolder, StringComparison.Ordinal) ? holder[AccountHolder.Length..] : null;

    private const string AccountHolder = "account-";
}
