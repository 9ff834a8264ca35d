using System.IO.Compression;
using System.Text;
using System.Text.Json;
using EventFiles.Features.Export;
using static EventFiles.Features.Tests.Share.People;

namespace EventFiles.Features.Tests.Export;

public sealed class ExportHandlerTests
{
    private readonly ExportWorld world = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_that_is_a_persons_is_in_it_and_the_manifest_says_what()
    {
        var export = await Made();
        var opened = Value(await world.Handler.Handle(new OpenExport(As(Olga), export), Cancel));
        await using var content = opened.Content;
        await using var zip = await ZipArchive.CreateAsync(await Buffered(content), ZipArchiveMode.Read, false, null, Cancel);
        Assert.Equal(
            [
                "manifest.json", "files/Papers/", "profile.json", "events.ndjson", "versions/Papers/a_b.txt/1-a_b.txt", "files/Papers/a_b.txt",
                "trash/letter.txt",
            ],
            zip.Entries.Select(entry => entry.FullName));
        Assert.Equal("second", await Text(zip, "files/Papers/a_b.txt"));
        Assert.Equal("first", await Text(zip, "versions/Papers/a_b.txt/1-a_b.txt"));
        Assert.Equal("thrown", await Text(zip, "trash/letter.txt"));
        Assert.Equal(2, (await Text(zip, "events.ndjson")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("olga@example.org", await Text(zip, "profile.json"), StringComparison.Ordinal);
        var view = world.Views.Of(export.ToString())!.ToReply();
        Assert.Equal((content.Length, 2, 1, 90L), (view.SizeBytes!.Value, view.Files!.Value, view.Versions!.Value, view.Position!.Value));
    }

    [Fact]
    public async Task Another_person_and_an_administrator_hear_that_there_is_none()
    {
        var export = await Made();
        var nowhere = new ExportId(Guid.NewGuid());
        foreach (var other in new[] { As(Ravi), As(Mei, isAdministrator: true) })
        {
            Assert.Same(ExportRejection.Missing, (await world.Handler.Handle(new OpenExport(other, export), Cancel)).Refusal);
            Assert.Same(ExportRejection.Missing, (await world.Handler.Handle(new ReadExport(other, export), Cancel)).Refusal);
            Assert.Same(ExportRejection.Missing, (await world.Handler.Handle(new DeleteExport(other, export), Cancel)).Refusal);
            Assert.Same(ExportRejection.Missing, (await world.Handler.Handle(new OpenExport(other, nowhere), Cancel)).Refusal);
        }

        Assert.DoesNotContain(world.Facts, fact => fact is ExportEvent.Ended);
    }

    [Fact]
    public async Task Who_asks_while_one_is_made_is_told_of_that_one()
    {
        var first = Value(await world.Handler.Handle(new RequestExport(As(Olga)), Cancel));
        var again = Value(await world.Handler.Handle(new RequestExport(As(Olga)), Cancel));
        Assert.Equal((first.Id, "making"), (again.Id, again.Status));
        Assert.Same(ExportRejection.NotYet, (await world.Handler.Handle(new OpenExport(As(Olga), first.Id), Cancel)).Refusal);
        Assert.Single(world.Facts);
    }

    [Fact]
    public async Task Of_two_workers_who_are_at_it_one_has_made_it_and_nothing_of_the_other_is_left()
    {
        var export = Value(await world.Handler.Handle(new RequestExport(As(Olga)), Cancel)).Id;
        var isSecond = false;
        world.WhileReading = async () =>
        {
            if (!isSecond)
            {
                isSecond = true;
                await world.Making.Handle(new MakeExport(export, Olga), Cancel);
            }
        };
        await world.Making.Handle(new MakeExport(export, Olga), Cancel);
        Assert.Single(world.Facts.OfType<ExportEvent.Completed>());
        Assert.Equal(3, world.Stored.Count);
        var opened = Value(await world.Handler.Handle(new OpenExport(As(Olga), export), Cancel));
        await using var content = opened.Content;
        Assert.Equal(content.Length, (await Buffered(content)).Length);
    }

    [Fact]
    public async Task Once_it_is_over_nothing_is_to_be_had_and_nothing_is_left()
    {
        var export = await Made();
        Assert.Equal(3, world.Stored.Count);
        world.Clock.Now = Noon + ExportOptions.Default.Life;
        // Also when nobody has got round to ending it.
        Assert.Same(ExportRejection.Gone, (await world.Handler.Handle(new OpenExport(As(Olga), export), Cancel)).Refusal);
        await world.Making.Handle(new LapseExport(export, Olga), Cancel);
        await world.Making.Handle(new ClearExport(export, Olga), Cancel);
        Assert.Equal(new ExportEvent.Ended(export, ExportEnd.Expired), world.Facts.Last());
        Assert.Empty(world.Stored);
        Assert.Same(ExportRejection.Gone, (await world.Handler.Handle(new OpenExport(As(Olga), export), Cancel)).Refusal);
    }

    [Fact]
    public async Task Erased_while_it_is_made_it_ends_and_nothing_is_left()
    {
        var export = Value(await world.Handler.Handle(new RequestExport(As(Olga)), Cancel)).Id;
        world.WhileReading = async () => await world.OfOwner.EndLast(Olga, Cancel);
        await world.Making.Handle(new MakeExport(export, Olga), Cancel);
        Assert.Equal(new ExportEvent.Ended(export, ExportEnd.Erased), world.Facts.Last());
        Assert.Empty(world.Stored);
    }

    [Fact]
    public async Task What_a_late_worker_wrote_for_a_former_one_goes_with_the_person_too()
    {
        var former = await Made();
        var last = await Made();
        Assert.NotEqual(former, last);
        await world.Making.Handle(new ClearExport(former, Olga), Cancel);
        world.Stored[ObjectKey.Export(former, Guid.NewGuid(), "events.ndjson").Value] = [1];
        await world.OfOwner.EndLast(Olga, Cancel);
        Assert.Single(world.Stored);
        await world.OfOwner.ClearAll(Olga, Cancel);
        Assert.Empty(world.Stored);
    }

    [Fact]
    public async Task Of_whom_there_is_no_account_any_more_nothing_is_written()
    {
        var export = Value(await world.Handler.Handle(new RequestExport(As(Olga)), Cancel)).Id;
        world.IsOlgaGone = true;
        await world.Making.Handle(new MakeExport(export, Olga), Cancel);
        Assert.Equal(new ExportEvent.Ended(export, ExportEnd.Erased), world.Facts.Last());
        Assert.Empty(world.Stored);
    }

    [Fact]
    public async Task A_download_under_way_breaks_off_when_a_file_is_gone_and_its_export_is_outdated()
    {
        var export = await Made();
        var opened = Value(await world.Handler.Handle(new OpenExport(As(Olga), export), Cancel));
        await using var content = opened.Content;
        world.IsPhotoGone = true;
        await Assert.ThrowsAsync<IOException>(async () => await Buffered(content));
        Assert.Equal(new ExportEvent.Ended(export, ExportEnd.Outdated), world.Facts.Last());
        Assert.Same(ExportRejection.Gone, (await world.Handler.Handle(new OpenExport(As(Olga), export), Cancel)).Refusal);
    }

    [Fact]
    public async Task The_manifest_is_read_as_it_was_written_and_its_digest_follows_from_its_entries()
    {
        await Made();
        var written = world.Stored.Single(one => one.Key.EndsWith("manifest.json", StringComparison.Ordinal)).Value;
        var manifest = await ExportManifest.Read(new MemoryStream(written), Cancel);
        Assert.Equal(written, manifest.ToBytes());
        var lines = string.Concat(manifest.Entries.Select(entry => FormattableString.Invariant($"{entry.Sha256} {entry.Size} {entry.Path}\n")));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(lines))), manifest.Digest);
        Assert.Equal(1, JsonDocument.Parse(written).RootElement.GetProperty("eventFilesExport").GetInt32());
    }

    private async Task<ExportId> Made()
    {
        var export = Value(await world.Handler.Handle(new RequestExport(As(Olga)), Cancel)).Id;
        Assert.Null((await world.Making.Handle(new MakeExport(export, Olga), Cancel)).Refusal);
        // Work may come again.
        Assert.Null((await world.Making.Handle(new MakeExport(export, Olga), Cancel)).Refusal);
        return export;
    }

    private static T Value<T>(Answer<T> answer) => Assert.IsType<Answer<T>.Yes>(answer).Value;

    private static async Task<MemoryStream> Buffered(Stream content)
    {
        var all = new MemoryStream();
        await content.CopyToAsync(all, Cancel);
        all.Position = 0;
        return all;
    }

    private static async Task<string> Text(ZipArchive zip, string path)
    {
        await using var content = await zip.GetEntry(path)!.OpenAsync(Cancel);
        using var reader = new StreamReader(content, Encoding.UTF8);
        return await reader.ReadToEndAsync(Cancel);
    }
}
