using System.Security.Cryptography;
using Npgsql;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>The key of a person as its row has it.</summary>
/// <param name="Wrapped">Nonce, ciphertext, tag; bound to the three ids.</param>
internal sealed record WrappedKey(Guid Id, Guid Subject, Guid Era, byte[] Wrapped)
{
    /// <summary>A key that nobody has had.</summary>
    public static WrappedKey New(Guid id, Guid subject, EraKey era) =>
        new WrappedKey(id, subject, era.Id, []).Around(RandomNumberGenerator.GetBytes(ObjectCipher.KeyBytes), era);

    /// <summary>From a row of <c>id, subject, era, wrapped</c>.</summary>
    public static async Task<WrappedKey> Of(NpgsqlDataReader row, CancellationToken cancel) =>
        new(row.GetGuid(0), row.GetGuid(1), row.GetGuid(2), await row.GetFieldValueAsync<byte[]>(3, cancel));

    /// <summary>Null when the row was altered.</summary>
    public SubjectKey? Open(EraKey era)
    {
        var key = new byte[ObjectCipher.KeyBytes];
        try
        {
            ObjectCipher.Opened(era.Key, Wrapped, key, Context());
            return new SubjectKey(Id, key);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <summary>The same key under another era's.</summary>
    public WrappedKey Under(EraKey era, SubjectKey open) => (this with { Era = era.Id }).Around(open.Key, era);

    private WrappedKey Around(ReadOnlySpan<byte> key, EraKey era) => this with { Wrapped = ObjectCipher.Sealed(era.Key, key, Context()) };

    private byte[] Context() =>
        [
            .. "eventfiles/subject/1"u8, .. Id.ToByteArray(bigEndian: true), .. Subject.ToByteArray(bigEndian: true),
            .. Era.ToByteArray(bigEndian: true),
        ];
}
