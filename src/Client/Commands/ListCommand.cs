using System.CommandLine;

namespace EventFiles.Client.Commands;

/// <summary><c>files ls</c>: what is in a folder.</summary>
internal static class ListCommand
{
    public static Command Define()
    {
        var path = new Argument<string>("remote")
        {
            Description = "A folder or a file; the root by default",
            HelpName = "REMOTE",
            DefaultValueFactory = _ => "/",
        };
        var isLong = new Option<bool>("--long", "-l") { Description = "Also size, time, version, status and id" };
        var asOf = AsOf();
        var sort = new Option<string?>("--sort")
        {
            Description = "name, size, createdAt, modifiedAt or type; a minus before it turns the order round (--sort=-size)",
            HelpName = "ORDER",
        };
        var switches = new Switches();
        var command = switches.On(
            new Command("ls", "List a folder") { path, isLong, asOf, sort },
            """
              eventfiles files ls Projects --long
              eventfiles files ls Projects --sort=-size
              eventfiles files ls Projects --as-of 2026-03-01T12:00:00Z
              eventfiles files ls Projects --json | jq -r 'select(.kind == "file") | .name'
            """);
        command.SetAction((asked, cancel) => Errand.Run(
            asked, switches,
            errand =>
            {
                (errand.AsOf, errand.Sort) = (asked.GetValue(asOf), asked.GetValue(sort));
                return List(errand, asked.GetRequiredValue(path), asked.GetValue(isLong), cancel);
            },
            cancel));
        return command;
    }

    private static Option<string?> AsOf() => new("--as-of")
    {
        Description = "What was there then: a time with its zone, or a position in the log",
        HelpName = "THEN",
    };

    private static async Task List(Errand errand, string path, bool isLong, CancellationToken cancel)
    {
        var found = await errand.Tree.Find(path, cancel);
        foreach (var entry in found.IsFolder ? await errand.Tree.List(found, cancel) : [found])
        {
            var name = entry.IsFolder ? $"{entry.Name}/" : entry.Name;
            errand.Display.Answer(
                new
                {
                    kind = entry.Kind,
                    id = entry.Id,
                    name = entry.Name,
                    path = entry.Path,
                    size = entry.SizeBytes,
                    contentType = entry.ContentType,
                    status = entry.Status,
                    version = entry.Version,
                    modifiedAt = entry.ModifiedAt,
                },
                !isLong ? name : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{(entry.IsFolder ? "-" : $"{entry.SizeBytes}"),14}  {entry.ModifiedAt:yyyy-MM-dd HH:mm}  {(entry.IsFolder ? "" : $"v{entry.Version}"),-4} {entry.Status,-10} {entry.Id}  {name}"));
        }
    }
}
