using EventFiles.Features.Files;
using EventFiles.Features.Upload;
using Placement = EventFiles.Features.Upload.Placement;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>What people do with the versions of files.</summary>
internal sealed class VersionDeeds(Life life)
{
    /// <summary>Null when it is not one of these.</summary>
    public Func<Random, Task>? Of(Deed deed) => deed switch
    {
        Deed.AddVersion => AddVersion,
        Deed.RestoreVersion => chance => With(chance, (by, file) => life.Do(new RestoreVersion(by, file, Number(chance)))),
        Deed.LabelVersion => LabelVersion,
        Deed.DeleteVersion => DeleteVersion,
        _ => null,
    };

    // Whole, or resumably and then at once or later; with the tag that the file has, one it had, or none.
    private Task AddVersion(Random chance) => With(chance, async (by, file) =>
    {
        var (content, where) = (Contents.Any(chance), new Placement(null, NameConflict.NewVersion) { Into = file });
        IReadOnlyList<string>? tags = chance.Next(4) switch
        {
            0 => ["\"of another time\""],
            1 => await life.Ask(new ReadFile(by, file, null)) is { } read ? [read.ETag] : null,
            _ => null,
        };
        if (chance.Next(3) > 0)
        {
            await life.Do(new ReceiveFile(
                by, "whatever", null, where, new MemoryStream(content), chance.Next(3) == 0 ? 2 << 20 : content.Length,
                _ => Task.FromResult<Answer<Placement>>(where))
            {
                IfMatch = tags,
            });
            return;
        }

        var made = await life.Ask(new CreateUpload(by, content.Length, "whatever", null, where, null, null) { IfMatch = tags });
        if (made is null)
            return;
        if (chance.Next(3) > 0)
            await life.Do(new ContinueUpload(by, made.Token, made.Progress.OffsetBytes, new MemoryStream(content), content.Length));
        else
            life.Transfers.Add(new Transfer(made.Token, content, by.Account) { Sent = made.Progress.OffsetBytes });
    });

    // As often as not the label is taken off again.
    private Task LabelVersion(Random chance) => With(chance, async (by, file) =>
    {
        var number = Number(chance);
        if (await life.Do(new LabelVersion(by, file, number, $"label {chance.Next(3)}")) && chance.Next(2) == 0)
            await life.Do(new LabelVersion(by, file, number, null));
    });

    // Most files have one version only: as often as not there is another one first.
    private Task DeleteVersion(Random chance) => With(chance, async (by, file) =>
    {
        if (chance.Next(2) == 0)
        {
            var (content, where) = (Contents.Any(chance), new Placement(null, NameConflict.NewVersion) { Into = file });
            await life.Do(new ReceiveFile(
                by, "whatever", null, where, new MemoryStream(content), content.Length, _ => Task.FromResult<Answer<Placement>>(where)));
        }

        await life.Do(new DeleteVersion(by, file, Number(chance)));
    });

    private static int Number(Random chance) => Math.Min(chance.Next(1, 5), chance.Next(1, 5));

    private async Task With(Random chance, Func<Caller, FileId, Task> deed)
    {
        if (life.Files.Any(chance) is { } file)
            await deed(await life.Owner(file.Owner, chance), file.Id);
    }
}
