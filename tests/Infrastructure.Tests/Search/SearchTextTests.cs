using EventFiles.Features.Delete;
using EventFiles.Features.Search;
using EventFiles.Infrastructure.Tests.Equality;

namespace EventFiles.Infrastructure.Tests.Search;

/// <summary>Texts of files, in the index of a whole node.</summary>
public sealed class SearchTextTests(PostgresFixture postgres) : ProductStage(postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ISearchIndex Index => Node.Get<ISearchIndex>();

    [Fact]
    public async Task What_is_in_a_text_is_found_whatever_comes_first_and_goes_with_its_file()
    {
        var file = await Upload("Letter.txt", null, text: "Dear Olga,\nthe <b>harbour</b> of Gdańsk is closed.\nYours");
        await Upload("Other.txt", null);
        await Wait.Until(async () => (await Found("harbour")).Count == 1, "the text is kept");
        var hit = Assert.Single(await Found("gdansk closed"));
        Assert.Equal(file, hit.File.Id);
        Assert.Equal(["Gdańsk", "closed"], hit.Text!.Marks.Select(mark => hit.Text.Text.Substring(mark.Start, mark.Length)));
        Assert.Contains("<b>harbour</b>", hit.Text.Text, StringComparison.Ordinal);
        // Words of name and text together.
        Assert.Single(await Found("letter harbour"));
        Assert.Empty(await Found("other harbour"));

        // A text of a former version is not the file's, however late it comes.
        await Upload("Letter.txt", null, file, "A lighthouse");
        Assert.Empty(await Found("harbour"));
        await Wait.Until(async () => (await Found("lighthouse")).Count == 1, "the new version's text is kept");
        await Index.KeepText(Olga.Account, file, 1, "harbour", Cancel);
        Assert.Empty(await Found("harbour"));
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
        Assert.Equal(0L, await Count($"select count(*) from eventfiles.search_texts where file_id = '{file}'"));
        Assert.Equal(0L, await Count($"select count(*) from eventfiles.search_rows where file_id = '{file}'"));
    }

    [Fact]
    public async Task A_lost_text_is_read_again()
    {
        var file = await Upload("Letter.txt", null, text: "harbour");
        await Wait.Until(async () => (await Found("harbour")).Count == 1, "the text is kept");
        await Count("with gone as (delete from eventfiles.search_texts returning 1) select count(*) from gone");
        Assert.Single(await Index.Missing(10, Cancel));
        await Node.Ask(new KeepMissingTexts());
        Assert.Empty(await Index.Missing(10, Cancel));
        Assert.Equal("harbour", await Index.TextOf(file, Cancel));
    }

    private async Task<IReadOnlyList<FoundFile>> Found(string text) => (await Yes(new SearchFiles(
        Olga, text + " ", null, null, null, null, null, null, null, null, false, null, 10))).Items;

    private async Task<long> Count(string sql)
    {
        await using var command = Node.Get<Npgsql.NpgsqlDataSource>().CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }
}
