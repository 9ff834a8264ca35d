using System.CommandLine;

namespace EventFiles.Client.Commands;

/// <summary><c>files tag</c>: one's own words on files and folders.</summary>
internal static class TagCommand
{
    private const int PageSize = 1000;

    public static Command Define()
    {
        var paths = new Argument<string[]>("remote")
        {
            Description = "Files and folders at the server; without any, your tags are listed",
            HelpName = "REMOTE…",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var add = new Option<string[]>("--add", "-a") { Description = "Put this tag on them; it is made when it is new", HelpName = "TAG" };
        var remove = new Option<string[]>("--remove", "-r") { Description = "Take this tag off them", HelpName = "TAG" };
        var with = new Option<string?>("--with") { Description = "List what bears this tag", HelpName = "TAG" };
        var switches = new Switches();
        var command = switches.On(
            new Command("tag", "List, add and remove tags; nobody else sees them") { paths, add, remove, with },
            """
              eventfiles files tag Projects/report.pdf --add tax --add 2026
              eventfiles files tag Projects/report.pdf
              eventfiles files tag --with tax --json | jq -r .id
            """);
        command.Validators.Add(asked =>
        {
            var hasPaths = asked.GetValue(paths)!.Length > 0;
            var changes = asked.GetValue(add)!.Length + asked.GetValue(remove)!.Length > 0;
            if (asked.GetValue(with) is not null ? hasPaths || changes : changes && !hasPaths)
                asked.AddError("--add and --remove go with files or folders, and --with goes alone.");
        });
        command.SetAction((asked, cancel) => Errand.Run(
            asked, switches,
            errand => asked.GetValue(with) is { } tag ? Bearing(errand, tag, cancel)
                : asked.GetValue(paths) is { Length: > 0 } all ? Tag(errand, all, asked.GetValue(add)!, asked.GetValue(remove)!, cancel)
                : List(errand, cancel),
            cancel));
        return command;
    }

    private static async Task List(Errand errand, CancellationToken cancel)
    {
        foreach (var tag in (await Tags(errand, cancel)).Values)
            errand.Display.Answer(new { id = tag.Id, name = tag.Name }, tag.Name);
    }

    private static async Task Bearing(Errand errand, string name, CancellationToken cancel)
    {
        var tag = Named(await Tags(errand, cancel), name);
        await foreach (var one in errand.Server.Pages<MarkedReply>($"api/tags/{tag.Id}/entries", PageSize, cancel))
            errand.Display.Answer(new { kind = one.Kind, id = one.Id, name = one.Name }, $"{one.Id}  {one.Name}{(one.Kind == "folder" ? "/" : "")}");
    }

    private static async Task Tag(Errand errand, string[] paths, string[] add, string[] remove, CancellationToken cancel)
    {
        var tags = add.Length + remove.Length > 0 ? await Tags(errand, cancel) : [];
        foreach (var name in add.Where(name => !tags.ContainsKey(RemoteEntry.Key(name))))
            tags[RemoteEntry.Key(name)] = await errand.Server.Post<TagReply>("api/tags", new { name }, cancel);
        var wrong = remove.Select(name => Named(tags, name)).ToList();
        await errand.Each(
            paths, 1, path => path,
            async (path, stop) =>
            {
                var entry = await errand.Tree.Find(path, stop);
                var id = await errand.Tree.IdOf(entry, stop);
                var place = $"api/{entry.Kind}s/{id}/tags";
                foreach (var name in add)
                    await errand.Server.Tell(HttpMethod.Put, $"{place}/{Named(tags, name).Id}", stop);
                foreach (var tag in wrong)
                    await errand.Server.Tell(HttpMethod.Delete, $"{place}/{tag.Id}", stop);
                var marks = await errand.Server.Post<MarksReply>("api/marks", new { entries = new[] { id } }, stop);
                var borne = marks.Items.SelectMany(one => one.Tags).Select(tag => tag.Name).ToList();
                errand.Display.Answer(new { remote = entry.Path, id, tags = borne }, $"{entry.Path}: {string.Join(", ", borne)}");
            },
            cancel);
    }

    private static TagReply Named(Dictionary<string, TagReply> tags, string name) =>
        tags.GetValueOrDefault(RemoteEntry.Key(name)) ?? throw NotDoneException.NotFound($"You have no tag {name}");

    private static async Task<Dictionary<string, TagReply>> Tags(Errand errand, CancellationToken cancel)
    {
        var tags = new Dictionary<string, TagReply>(StringComparer.Ordinal);
        await foreach (var tag in errand.Server.Pages<TagReply>("api/tags", PageSize, cancel))
            tags[RemoteEntry.Key(tag.Name)] = tag;
        return tags;
    }

    private sealed record TagReply(Guid Id, string Name);

    private sealed record MarkedReply(string Kind, Guid Id, string Name);

    private sealed record MarksReply(IReadOnlyList<EntryReply> Items);

    private sealed record EntryReply(IReadOnlyList<TagReply> Tags);
}
