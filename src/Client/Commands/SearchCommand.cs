using System.CommandLine;

namespace EventFiles.Client.Commands;

/// <summary><c>files search</c>: files by name, tag and text.</summary>
internal static class SearchCommand
{
    private const int PageSize = 100;

    public static Command Define()
    {
        var words = new Argument<string[]>("words")
        {
            Description = "Words that all must fit, \"phrases\", -without (after --), begin*; accents and case do not matter",
            HelpName = "WORDS",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var type = new Option<string?>("--type") { Description = "A media type or the part before its slash: image, application/pdf", HelpName = "TYPE" };
        var isTrashed = new Option<bool>("--trashed") { Description = "What is in your trash, and nothing else" };
        var most = new Option<int>("--limit") { Description = "At most so many", HelpName = "N", DefaultValueFactory = _ => 50 };
        most.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<int>() < 1)
                given.AddError("--limit is 1 or more.");
        });
        var switches = new Switches();
        var command = switches.On(
            new Command("search", "Find files by name, tag and text: your own and those shared with you") { words, type, isTrashed, most },
            """
              eventfiles files search tax 2024
              eventfiles files search '"annual report"' --type application/pdf --json | jq -r .id
            """);
        command.SetAction((asked, cancel) => Errand.Run(
            asked, switches, errand => Search(
                errand, string.Join(' ', asked.GetValue(words) ?? []), asked.GetValue(type), asked.GetValue(isTrashed),
                asked.GetValue(most), cancel), cancel));
        return command;
    }

    private static async Task Search(Errand errand, string words, string? type, bool isTrashed, int most, CancellationToken cancel)
    {
        var path = $"api/search?q={Uri.EscapeDataString(words)}&trashed={(isTrashed ? "true" : "false")}"
            + (type is null ? "" : $"&type={Uri.EscapeDataString(type)}");
        await foreach (var hit in errand.Server.Pages<HitReply>(path, Math.Min(most, PageSize), cancel).Take(most))
        {
            var file = hit.File;
            errand.Display.Answer(
                new
                {
                    id = file.Id,
                    name = file.Name,
                    size = file.Size,
                    contentType = file.ContentType,
                    status = file.Status,
                    version = file.Version,
                    modifiedAt = file.ModifiedAt,
                    shared = hit.IsShared,
                    text = hit.Text?.Text,
                },
                [
                    string.Create(CultureInfo.InvariantCulture, $"{file.Size,14}  {file.ModifiedAt:yyyy-MM-dd HH:mm}  {file.Id}  {file.Name}{(hit.IsShared ? "  (shared with you)" : "")}"),
                    .. hit.Text is { } text ? (string[])[$"    {text.Text.ReplaceLineEndings(" ")}"] : [],
                ]);
        }
    }

    private sealed record HitReply(FileReply File, bool IsShared, TextReply? Text);

    private sealed record FileReply(
        Guid Id, string Name, long Size, string ContentType, string Status, int Version, DateTimeOffset ModifiedAt);

    private sealed record TextReply(string Text);
}
