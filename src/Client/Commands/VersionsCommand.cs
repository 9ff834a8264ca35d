using System.CommandLine;
using System.Net.Http.Json;

namespace EventFiles.Client.Commands;

/// <summary><c>files versions</c>: what a file was before, and back to it.</summary>
internal static class VersionsCommand
{
    private sealed record Wish(int? Restore, int? Delete, int? Label, string? Text);

    public static Command Define()
    {
        var path = new Argument<string>("remote") { Description = "A file at the server", HelpName = "REMOTE" };
        var restore = new Option<int?>("--restore") { Description = "Make this version the current one again, as a new version", HelpName = "N" };
        var delete = new Option<int?>("--delete") { Description = "Delete this version for good; the current one stays", HelpName = "N" };
        var label = new Option<int?>("--label") { Description = "Give this version the name that --text says, or take it away", HelpName = "N" };
        var text = new Option<string?>("--text") { Description = "The name", HelpName = "TEXT" };
        var switches = new Switches();
        var command = switches.On(
            new Command("versions", "List the versions of a file, the newest first; or restore, delete or name one") { path, restore, delete, label, text },
            """
              eventfiles files versions Projects/report.pdf
              eventfiles files versions Projects/report.pdf --restore 3
              eventfiles files versions Projects/report.pdf --label 3 --text "As signed"
              eventfiles files get Projects/report.pdf --version 3 -o before.pdf
            """);
        command.Validators.Add(asked =>
        {
            if (new[] { restore, delete, label }.Count(one => asked.GetValue(one) is not null) > 1)
                asked.AddError("One thing at a time: --restore, --delete or --label.");
            else if (asked.GetValue(text) is not null && asked.GetValue(label) is null)
                asked.AddError("--text goes with --label.");
        });
        command.SetAction((asked, cancel) => Errand.Run(
            asked, switches,
            errand => Do(
                errand, asked.GetRequiredValue(path),
                new Wish(asked.GetValue(restore), asked.GetValue(delete), asked.GetValue(label), asked.GetValue(text)), cancel),
            cancel));
        return command;
    }

    private static async Task Do(Errand errand, string path, Wish wish, CancellationToken cancel)
    {
        var file = await errand.Tree.Find(path, cancel);
        if (file.IsFolder)
            throw NotDoneException.Refused("client.not-a-file", $"{file.Path} is a folder: files have versions.");
        var versions = $"api/files/{file.Id}/versions";
        if (wish.Restore is { } former)
        {
            var now = await errand.Server.Post<FileReply>(string.Create(CultureInfo.InvariantCulture, $"{versions}/{former}/restore"), new { }, cancel);
            errand.Display.Result(
                new { action = "restore", remote = file.Path, id = file.Id, restored = former, version = now.Version },
                $"{file.Path} is as version {former} was (version {now.Version})");
        }
        else if (wish.Delete is { } wrong)
        {
            await errand.Server.Tell(HttpMethod.Delete, string.Create(CultureInfo.InvariantCulture, $"{versions}/{wrong}"), cancel);
            errand.Display.Result(
                new { action = "delete", remote = file.Path, id = file.Id, version = wrong }, $"version {wrong} of {file.Path} deleted for good");
        }
        else if (wish.Label is { } named)
        {
            await errand.Server.Tell(
                HttpMethod.Patch, string.Create(CultureInfo.InvariantCulture, $"{versions}/{named}"), cancel, () => JsonContent.Create(new { label = wish.Text }));
            errand.Display.Result(
                new { action = "label", remote = file.Path, id = file.Id, version = named, label = wish.Text },
                $"version {named} of {file.Path} {(wish.Text is null ? "has no name any more" : $"is called {wish.Text}")}");
        }
        else
        {
            await List(errand, file, versions, cancel);
        }
    }

    private static async Task List(Errand errand, RemoteEntry file, string versions, CancellationToken cancel)
    {
        await foreach (var one in errand.Server.Pages<VersionReply>(versions, 100, cancel))
        {
            errand.Display.Answer(
                new
                {
                    remote = file.Path,
                    id = file.Id,
                    version = one.Version,
                    size = one.Size,
                    contentType = one.ContentType,
                    sha256 = one.Sha256,
                    createdAt = one.CreatedAt,
                    label = one.Label,
                    author = one.Author.DisplayName,
                    restoredFrom = one.RestoredFrom,
                },
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"v{one.Version,-5} {one.Size,14}  {one.CreatedAt:yyyy-MM-dd HH:mm}  {one.Author.DisplayName}{(one.Label is null ? "" : $"  \"{one.Label}\"")}{(one.RestoredFrom is { } from ? $"  (as version {from} was)" : "")}"));
        }
    }

    private sealed record VersionReply(
        int Version, long Size, string ContentType, string Sha256, DateTimeOffset CreatedAt, string? Label, AuthorReply Author, int? RestoredFrom);

    private sealed record AuthorReply(string? DisplayName);
}
