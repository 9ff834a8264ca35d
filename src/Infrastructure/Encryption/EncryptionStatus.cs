using Npgsql;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>What an operator wants to know of the keys. No key is in it.</summary>
/// <param name="IsOn">Whether what is written is encrypted.</param>
/// <param name="Keys">Where era keys come from.</param>
/// <param name="Persons">How many have a key.</param>
/// <param name="Eras">How many wrap them.</param>
/// <param name="MissingEras">Whose keys are not there: what they wrap is closed.</param>
public sealed record EncryptionStatus(bool IsOn, string Keys, long Persons, int Eras, IReadOnlyList<Guid> MissingEras)
{
    /// <summary>Asks the database, and the node's own keys.</summary>
    public static async Task<EncryptionStatus> Read(NpgsqlDataSource database, EraKeys keys, bool isOn, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(keys);
        var eras = await EraBook.Eras(database, cancel);
        await using var counts = database.CreateCommand("select count(*) from eventfiles.subject_keys");
        return new EncryptionStatus(
            isOn, keys.Place, (long)(await counts.ExecuteScalarAsync(cancel))!, eras.Count, eras.FindAll(era => keys.Find(era) is null));
    }
}
