using System.CommandLine;

namespace EventFiles.Client.Commands;

/// <summary><c>files trash</c>: what was thrown away, back out of it, and out of the world.</summary>
internal static class TrashCommand
{
    private const int PageSize = 1000;

    public static Command Define()
    {
        var restore = new Option<string[]>("--restore")
        {
            Description = "Take this out of the trash, by its id or by its name",
            HelpName = "ENTRY",
        };
        var empty = new Option<bool>("--empty") { Description = "Delete for good all that is in it, except what must be kept; asks before" };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask" };
        var switches = new Switches();
        var command = switches.On(
            new Command("trash", "List what is in your trash, the newest first; or restore from it, or empty it") { restore, empty, yes },
            """
              eventfiles files trash
              eventfiles files trash --restore report.pdf
              eventfiles files trash --restore id:0198c0de-0000-7000-8000-000000000000
              eventfiles files trash --empty --yes
            """);
        command.Validators.Add(asked =>
        {
            if (asked.GetValue(restore) is { Length: > 0 } && asked.GetValue(empty))
                asked.AddError("One thing at a time: --restore or --empty.");
        });
        command.SetAction((asked, cancel) => Errand.Run(
            asked, switches,
            errand => asked.GetValue(empty) ? Empty(errand, asked.GetValue(yes), cancel)
                : asked.GetValue(restore) is { Length: > 0 } all ? Restore(errand, all, cancel)
                : List(errand, cancel),
            cancel));
        return command;
    }

    private static async Task List(Errand errand, CancellationToken cancel)
    {
        await foreach (var one in All(errand, cancel))
        {
            errand.Display.Answer(
                new { kind = one.Kind, id = one.Id, name = one.Name, size = one.Size, trashedAt = one.TrashedAt },
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{one.Id}  {(one.Kind == "folder" ? "-" : $"{one.Size}"),14}  {one.TrashedAt:yyyy-MM-dd HH:mm}  {one.Name}{(one.Kind == "folder" ? "/" : "")}"));
        }
    }

    private static async Task Restore(Errand errand, string[] wished, CancellationToken cancel)
    {
        var trash = new List<TrashedReply>();
        await foreach (var one in All(errand, cancel))
            trash.Add(one);
        await errand.Each(
            wished, 1, wish => wish,
            async (wish, stop) =>
            {
                var found = Named(trash, wish);
                var back = await errand.Server.Post<RestoredReply>($"api/{found.Kind}s/{found.Id}/restore", new { }, stop);
                errand.Display.Result(
                    new { action = "restore", kind = found.Kind, id = found.Id, name = back.Name }, $"{back.Name} is out of the trash");
            },
            cancel);
    }

    private static async Task Empty(Errand errand, bool isSure, CancellationToken cancel)
    {
        await RemoveCommand.Confirm("all that is in your trash", isSure);
        var emptied = await errand.Server.Delete<EmptiedReply>("api/trash", cancel);
        errand.Display.Result(
            new { action = "empty", files = emptied.Files, kept = emptied.Kept },
            string.Create(
                CultureInfo.InvariantCulture,
                $"{emptied.Files} in the trash will be deleted for good{(emptied.Kept > 0 ? $"; {emptied.Kept} must be kept" : "")}"));
    }

    // Names in the trash are not unique: whoever means one of several says its id.
    private static TrashedReply Named(List<TrashedReply> trash, string wish)
    {
        var found = RemoteTree.IdIn(wish) is { } id
            ? trash.FindAll(one => one.Id == id)
            : trash.FindAll(one => RemoteEntry.Key(one.Name) == RemoteEntry.Key(wish));
        return found switch
        {
            [var one] => one,
            [] => throw NotDoneException.NotFound($"There is no {wish} in the trash"),
            _ => throw NotDoneException.Refused("client.several-in-trash", $"Several in the trash are called {wish}: id: says which."),
        };
    }

    private static IAsyncEnumerable<TrashedReply> All(Errand errand, CancellationToken cancel) =>
        errand.Server.Pages<TrashedReply>("api/trash", PageSize, cancel);

    private sealed record TrashedReply(string Kind, Guid Id, string Name, long Size, DateTimeOffset TrashedAt);

    private sealed record RestoredReply(string Name);

    private sealed record EmptiedReply(int Files, int Kept);
}
