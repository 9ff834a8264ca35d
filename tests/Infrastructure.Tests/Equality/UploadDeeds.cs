using System.Security.Cryptography;
using EventFiles.Features.Upload;
using Placement = EventFiles.Features.Upload.Placement;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>What clients do that prove bytes, tell lengths late, and send parts and join them.</summary>
internal sealed class UploadDeeds(Life life)
{
    /// <summary>Null when it is not one of these.</summary>
    public Func<Random, Task>? Of(Deed deed) => deed switch
    {
        Deed.BeginOpenUpload => BeginOpenUpload,
        Deed.BeginPart => BeginPart,
        Deed.Join => Join,
        Deed.BringParts => BringParts,
        _ => null,
    };

    // Its length, its digest, or both come later: with the bytes, or with the word that these were the last.
    private async Task BeginOpenUpload(Random chance)
    {
        var (by, content) = (await life.Somebody(chance), Contents.Any(chance));
        var made = await life.Ask(new CreateUpload(by, null, Names.Any(chance), null, Where(chance), null, null)
        {
            Sha256 = chance.Next(2) == 0 ? Digest(content, chance) : null,
        });
        if (made is null)
            return;
        if (chance.Next(4) == 0)
        {
            life.Transfers.Add(new Transfer(made.Token, content, by.Account));
            return;
        }

        var first = chance.Next(content.Length + 1);
        var (isSaidFirst, isDigestLate) = (chance.Next(3) == 0, chance.Next(3) == 0);
        if (!await life.Do(new ContinueUpload(by, made.Token, 0, new MemoryStream(content, 0, first), first)
        {
            LengthBytes = isSaidFirst ? content.Length : null,
        }))
            return;
        await Keep(by, new ContinueUpload(
            by, made.Token, first, new MemoryStream(content, first, content.Length - first), content.Length - first)
        {
            LengthBytes = chance.Next(2) == 0 ? content.Length : null,
            EndsHere = true,
            Sha256 = isDigestLate ? Digest(content, chance) : null,
        });
    }

    // Whole, or as much of it as comes before it waits for more, with its length or without.
    private async Task BeginPart(Random chance)
    {
        var (by, content) = (await life.Somebody(chance), Contents.Any(chance));
        var first = chance.Next(4) == 0 ? chance.Next(content.Length + 1) : content.Length;
        var made = await life.Ask(new CreateUpload(
            by, chance.Next(4) == 0 ? null : content.Length, "part", null, new Placement(null, NameConflict.Rename),
            new MemoryStream(content, 0, first), first)
        {
            IsPart = true,
            EndsHere = first == content.Length,
        });
        if (made is null)
            return;
        var part = new Transfer(made.Token, content, by.Account) { Sent = made.Progress.OffsetBytes };
        life.Parts.Add(part);
        if (first < content.Length)
            life.Transfers.Add(part);
    }

    // Some of one's parts, as a new file or as the next version of one; now and then a second time, as after a lost reply.
    private async Task Join(Random chance)
    {
        var by = await life.Somebody(chance);
        Transfer[] mine = [.. life.Parts.All.Where(part => part.Owner == by.Account)];
        if (mine.Length == 0)
            return;
        chance.Shuffle(mine);
        var parts = mine[..Math.Min(mine.Length, chance.Next(1, 4))];
        byte[] content = [.. parts.SelectMany(part => part.Content)];
        var ask = new JoinUploads(by, [.. parts.Select(part => part.Token)], Names.Any(chance), null, Where(chance))
        {
            Sha256 = chance.Next(3) == 0 ? Digest(content, chance) : null,
        };
        if (await life.Ask(ask) is not { } made)
            return;
        if (made.Progress.File is { } file)
            life.Files.Add(new Thing<FileId>(file, by.Account));
        if (chance.Next(3) == 0)
            await life.Do(ask);
        if (chance.Next(3) == 0)
            return;
        foreach (var part in parts)
            life.Parts.Remove(part);
    }

    // Into the store and then a file, of other bytes than were promised, given up in between, or never ended.
    private async Task BringParts(Random chance)
    {
        var (by, content) = (await life.Somebody(chance), Contents.Any(chance));
        var begun = await life.Ask(new BeginDirectUpload(
            by, Names.Any(chance), null, Where(chance), content.Length, chance.Next(2) == 0 ? Digest(content, chance) : null));
        if (begun is null || await life.Ask(new AddressParts(by, begun.Token, 1, 100)) is not { Items: [{ } only] })
            return;
        if (chance.Next(5) > 0)
            await life.Do(new TakePart(only.Url, new MemoryStream(content), content.Length));
        switch (chance.Next(6))
        {
            case 0:
                return;
            case 1:
                await life.Do(new CancelDirectUpload(by, begun.Token));
                return;
        }

        var complete = new CompleteDirectUpload(by, begun.Token, chance.Next(3) == 0 ? Digest(content, chance) : null);
        if (await life.Ask(complete) is { File: { } file })
            life.Files.Add(new Thing<FileId>(file, by.Account));
        if (chance.Next(4) == 0)
            await life.Do(complete);
    }

    private async Task Keep(Caller by, ContinueUpload ask)
    {
        if (await life.Ask(ask) is { File: { } file })
            life.Files.Add(new Thing<FileId>(file, by.Account));
    }

    private Placement Where(Random chance) => chance.Next(3) == 0 && life.Files.Any(chance) is { } file
        ? new Placement(null, NameConflict.NewVersion) { Into = file.Id }
        : new Placement(null, (NameConflict)chance.Next(3));

    // Seldom that of other bytes.
    private static string Digest(byte[] content, Random chance) =>
        Convert.ToHexStringLower(SHA256.HashData(chance.Next(6) == 0 ? [.. content, 0] : content));
}
