using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace EventFiles.Infrastructure.ObjectStorage;

/// <summary>
/// Parts for a store that is no server: their addresses lead to this program. What an address is for stands in it, sealed
/// with the keys that nodes share (encrypted, and then signed by HMAC-SHA-256), so that nobody makes one or changes one. A
/// part is an object of its own, written as any other: encrypted on its way where that is on.
/// </summary>
internal sealed class DirectoryDirectWrites(IObjects objects, IDataProtectionProvider keys, TimeProvider clock) : IDirectWrites
{
    private const int IdBytes = 16;
    private const int TicketBytes = (3 * IdBytes) + sizeof(int) + sizeof(long) + sizeof(long);

    private readonly IDataProtector seal = keys.CreateProtector("direct upload", "part");

    /// <inheritdoc/>
    public Task Begin(ObjectKey key, CancellationToken cancel) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<IReadOnlyList<DirectAddress>?> Addresses(
        ObjectKey key, FileId file, AccountId owner, IReadOnlyList<DirectPart> parts, DateTimeOffset until, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<DirectAddress>?>(
        [
            .. parts.Select(part => new DirectAddress(
                part, new Uri(Seal(new DirectTicket(UploadOf(key), file, owner, part), until), UriKind.Relative), until)),
        ]);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DirectPart>> Stored(ObjectKey key, CancellationToken cancel)
    {
        var found = new List<DirectPart>();
        await foreach (var one in objects.List(ObjectKey.PartsOf(UploadOf(key)), cancel))
        {
            if (one.Key.AsPart() is { } part)
                found.Add(new DirectPart(part.Number, one.SizeBytes));
        }

        return [.. found.OrderBy(part => part.Number)];
    }

    // As an object that grows: of two processes one writes, and what was written before a kill need not be written again.
    /// <inheritdoc/>
    public async Task<DirectJoin> Join(ObjectKey key, AccountId owner, IReadOnlyList<DirectPart> parts, CancellationToken cancel)
    {
        var sizeBytes = parts.Sum(part => part.SizeBytes);
        while (true)
        {
            var length = await objects.GrowingLength(key, cancel);
            if (length == sizeBytes || (length is null && await IsSealed(key, cancel)))
                return DirectJoin.Joined;
            if (length > sizeBytes || !(await Stored(key, cancel)).SequenceEqual(parts))
                return DirectJoin.NotAsPlanned;
            await using var content = new PartsStream(objects, UploadOf(key), parts, length ?? 0);
            try
            {
                await objects.OwnedBy(owner).Append(key, length ?? 0, content, cancel);
            }
            catch (OffsetMismatchException)
            {
                return DirectJoin.Elsewhere;
            }
        }
    }

    /// <inheritdoc/>
    public async Task Discard(ObjectKey key, CancellationToken cancel)
    {
        await foreach (var part in objects.List(ObjectKey.PartsOf(UploadOf(key)), cancel))
            await objects.Delete(part.Key, cancel);
    }

    /// <inheritdoc/>
    public DirectTicket? Open(string address)
    {
        byte[] ticket;
        try
        {
            ticket = seal.Unprotect(Base64Url.DecodeFromChars(address));
        }
        catch (Exception foreign) when (foreign is CryptographicException or FormatException)
        {
            return null;
        }

        var numbers = ticket.AsSpan(3 * IdBytes);
        return ticket.Length == TicketBytes && BinaryPrimitives.ReadInt64BigEndian(numbers[12..]) > clock.GetUtcNow().ToUnixTimeMilliseconds()
            ? new DirectTicket(
                new UploadId(Id(ticket, 0)), new FileId(Id(ticket, 1)), new AccountId(Id(ticket, 2)),
                new DirectPart(BinaryPrimitives.ReadInt32BigEndian(numbers), BinaryPrimitives.ReadInt64BigEndian(numbers[4..])))
            : null;
    }

    private string Seal(DirectTicket ticket, DateTimeOffset until)
    {
        var bytes = new byte[TicketBytes];
        foreach (var (id, place) in new[] { (ticket.Upload.Value, 0), (ticket.File.Value, 1), (ticket.Owner.Value, 2) })
            id.TryWriteBytes(bytes.AsSpan(place * IdBytes), bigEndian: true, out _);
        var numbers = bytes.AsSpan(3 * IdBytes);
        BinaryPrimitives.WriteInt32BigEndian(numbers, ticket.Part.Number);
        BinaryPrimitives.WriteInt64BigEndian(numbers[4..], ticket.Part.SizeBytes);
        BinaryPrimitives.WriteInt64BigEndian(numbers[12..], until.ToUnixTimeMilliseconds());
        return Base64Url.EncodeToString(seal.Protect(bytes));
    }

    private static Guid Id(byte[] ticket, int place) => new(ticket.AsSpan(place * IdBytes, IdBytes), bigEndian: true);

    private static UploadId UploadOf(ObjectKey key) =>
        key.AsRaw() ?? throw new ArgumentException("Only original bytes come in parts.", nameof(key));

    private async Task<bool> IsSealed(ObjectKey key, CancellationToken cancel)
    {
        await using var whole = await objects.Open(key, cancel);
        return whole is not null;
    }
}
