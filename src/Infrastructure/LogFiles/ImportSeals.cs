using System.Globalization;
using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Infrastructure.LogFiles;

/// <summary>
/// How what a chunk tells of persons is written: under the keys of the place that it comes to, and of whom that place knows
/// to be erased, not at all.
/// </summary>
internal sealed class ImportSeals
{
    private readonly Dictionary<string, PrivateSeal> byTenant = new(StringComparer.Ordinal);

    /// <summary>Asks for the keys of all whom a chunk tells of.</summary>
    public static async Task<ImportSeals> Of(LogChunk chunk, PrivateKeys keys, CancellationToken cancel)
    {
        var seals = new ImportSeals();
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

    /// <summary>Of the holder of a password.</summary>
    public bool IsErasedHolder(string holder) => IsErased(TenantOf(holder));

    /// <summary>The columns of a private row that came open.</summary>
    public (byte[] Salt, byte[] Fields) Close(LogEvent happened, LogPrivate row) =>
        byTenant.GetValueOrDefault(row.Tenant) is { Key: { } key }
            ? PersonalFields.Seal(new PrivateRow(row.Salt, row.Fields).Values(), row.Salt, happened.Id, key)
            : (row.Salt, row.Fields);

    private static string? TenantOf(string holder) =>
        holder.StartsWith(AccountHolder, StringComparison.Ordinal) ? holder[AccountHolder.Length..] : null;

    private const string AccountHolder = "account-";
}
