using EventFiles.Features.Delete;
using EventFiles.Features.Process;
using EventFiles.Features.Search;
using EventFiles.Infrastructure.Tests.Equality;

namespace EventFiles.Infrastructure.Tests.Search;

/// <summary>Texts of files, in the index of a whole node. Who extracts them does not matter: here it is the test.</summary>
public sealed class SearchTextTests(PostgresFixture postgres) : ProductStage(postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ISearchIndex Index => Node.Get<ISearchIndex>();

    [Fact]
    public async Task What_is_in_a_text_is_found_whatever_comes_first_and_goes_with_its_file()
    {
        var file = await Upload("Letter.txt", null);
        var other = await Upload("Other.txt", null);
        await Extract(file, 1, "Dear Olga,\nthe <b>harbour</b> of Gdańsk is closed.\nYours");
        await Wait.Until(async () => (await Found("harbour")).Count == 1, "the text is kept");
        var hit = Assert.Single(await Found("gdansk closed"));
        Assert.Equal(file, hit.File.Id);
        Assert.Equal(["Gdańsk", "closed"], hit.Text!.Marks.Select(mark => hit.Text.Text.Substring(mark.Start, mark.Length)));
        Assert.Contains("<b>harbour</b>", hit.Text.Text, StringComparison.Ordinal);
        // Words of name and text together.
        Assert.Single(await Found("letter harbour"));
        Assert.Empty(await Found("other harbour"));

        // A text of a former version is not the file's; one that came before its version waits for it.
        await Upload("Letter.txt", null, file, "content 2");
        Assert.Empty(await Found("harbour"));
        await Index.KeepText(Olga.Account, file, 1, "harbour", Cancel);
        Assert.Empty(await Found("harbour"));
        await Index.KeepText(Olga.Account, file, 2, "lighthouse", Cancel);
        Assert.Single(await Found("lighthouse"));
        await Index.KeepText(Olga.Account, file, 1, "harbour", Cancel);
        Assert.Single(await Found("lighthouse"));

        // A rebuild takes it from where it is kept, and a lost one is read again.
        await Node.Get<IProjections>().Ask([SearchView.Projection], ProjectionWish.Rebuild, Cancel);
        await Wait.Until(
            async () => (await Node.Get<IProjections>().List(Cancel)).Single(one => one.Name == SearchView.Projection) is { State: "live", Generation: > 1 },
            "the rebuild");
        Assert.Single(await Found("lighthouse"));
        Assert.Single(await Found("other"));

        // Gone, and what comes late finds nothing to belong to.
        Assert.Null((await Node.Ask(new DeleteFile(Olga, file))).Refusal);
        Assert.Empty(await Found("lighthouse"));
        await Index.KeepText(Olga.Account, file, 2, "lighthouse", Cancel);
        Assert.Null(await Index.TextOf(file, Cancel));
        Assert.Equal(0L, await Count("select count(*) from eventfiles.search_texts"));
        Assert.Equal(1L, await Count("select count(*) from eventfiles.search_rows"));
        Assert.NotEqual(other, file);
    }

    [Fact]
    public async Task A_lost_text_is_read_again()
    {
        var file = await Upload("Letter.txt", null);
        await Extract(file, 1, "harbour");
        await Wait.Until(async () => (await Found("harbour")).Count == 1, "the text is kept");
        await Count("with gone as (delete from eventfiles.search_texts returning 1) select count(*) from gone");
        Assert.Single(await Index.Missing(10, Cancel));
        await Node.Ask(new KeepMissingTexts());
        Assert.Empty(await Index.Missing(10, Cancel));
        Assert.Equal("harbour", await Index.TextOf(file, Cancel));
    }

    // What a processor does that makes a text.
    private async Task Extract(FileId file, int version, string text)
    {
        var key = ObjectKey.Variant(file, version, "text");
        var stored = await Node.Get<IObjects>().OwnedBy(Olga.Account).Put(key, new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)), Cancel);
        var content = (await Node.Get<IFiles>().Find(file, Cancel))!;
        var job = NewId.Of<JobId>(TimeProvider.System);
        var stream = ProcessDecider.StreamOf(Olga.Account, file);
        await Node.Get<IStreams>().Transact<Done>(
            async transaction =>
            {
                Assert.Null(await transaction.Decide(stream, ProcessDecider.Decider, new ProcessCommand.Plan(
                    file, version, content.StoredAs, "text/plain", [new PlannedStep(job, "text", "text", 0, 0)])));
                Assert.Null(await transaction.Decide(stream, ProcessDecider.Decider, new ProcessCommand.SucceedStep(
                    file, job, "1", new MadeVariant(version, "text", key, "text/plain", stored.SizeBytes, 0, 0))));
                return new Done();
            }, Cancel);
    }

    private async Task<IReadOnlyList<FoundFile>> Found(string text) => (await Yes(new SearchFiles(
        Olga, text + " ", null, null, null, null, null, null, null, null, false, null, 10))).Items;

    private async Task<long> Count(string sql)
    {
        await using var command = Node.Get<Npgsql.NpgsqlDataSource>().CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }
}
