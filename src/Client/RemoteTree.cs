using System.Collections.Concurrent;

namespace EventFiles.Client;

/// <summary>Finds by their names what is at the server. What was listed once is not listed again.</summary>
/// <param name="asOf">A time or a position: what was there then is found; null for what is there.</param>
/// <param name="sort">The order of lists, as the server knows it; null for names.</param>
internal sealed class RemoteTree(ServerConnection server, string? asOf = null, string? sort = null) : IDisposable
{
    private const string IdPrefix = "id:";
    private readonly ConcurrentDictionary<string, Task<Dictionary<string, RemoteEntry>>> listed = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim making = new(1);

    /// <summary>What a path or an <c>id:</c> names.</summary>
    /// <exception cref="NotDoneException">There is nothing, or it is no path.</exception>
    public async Task<RemoteEntry> Find(string remote, CancellationToken cancel)
    {
        if (IsId(remote))
            return await FindById(remote, cancel);
        var at = RemoteEntry.Root;
        foreach (var name in Names(remote))
        {
            at = (at.IsFolder ? await FindIn(at, name, cancel) : null)
                ?? throw NotDoneException.NotFound($"There is no {at.PathOf(name)}");
        }

        return at.IsFolder || !remote.EndsWith('/') ? at : throw NotDoneException.NotFound($"{at.Path} is a file and no folder");
    }

    /// <summary>Whether it names something by its id.</summary>
    public static bool IsId(string remote) => remote.StartsWith(IdPrefix, StringComparison.Ordinal);

    /// <summary>The id that it names something by; null when it is a path.</summary>
    /// <exception cref="NotDoneException">It is no id.</exception>
    public static Guid? IdIn(string remote) =>
        !IsId(remote) ? null
        : Guid.TryParseExact(remote[IdPrefix.Length..], "D", out var id) ? id
        : throw NotDoneException.Usage($"{remote}: an id is a UUID.");

    /// <summary>A folder's id as bodies want it: the root has one, too.</summary>
    public async Task<string> IdOf(RemoteEntry folder, CancellationToken cancel) =>
        folder.Id != RemoteEntry.Root.Id ? folder.Id : $"{(await server.Get<FolderReply>($"api/folders/{folder.Id}", cancel)).Id}";

    /// <summary>A folder.</summary>
    /// <param name="make">Make it, and those above it, when it is not there.</param>
    public async Task<RemoteEntry> FindFolder(string remote, bool make, CancellationToken cancel)
    {
        var found = !make || IsId(remote) ? await Find(remote, cancel) : RemoteEntry.Root;
        if (make && found == RemoteEntry.Root)
        {
            foreach (var name in Names(remote))
                found = await MakeFolder(found, name, cancel);
        }

        return found.IsFolder ? found : throw NotDoneException.Refused("client.not-a-folder", $"{found.Path} is a file and no folder.");
    }

    /// <summary>The folder of that name in another, which is made when it is not there.</summary>
    public async Task<RemoteEntry> MakeFolder(RemoteEntry parent, string name, CancellationToken cancel)
    {
        // One at a time: of many files in a new folder the first makes it.
        await making.WaitAsync(cancel);
        try
        {
            if (await FindIn(parent, name, cancel) is { } there)
            {
                return there.IsFolder ? there
                    : throw NotDoneException.Refused("client.not-a-folder", $"{there.Path} is a file and no folder.");
            }

            var made = await server.Post<FolderReply>(
                "api/folders", new { name, parentId = parent.Id == RemoteEntry.Root.Id ? null : parent.Id }, cancel);
            var entry = new RemoteEntry(true, made.Id.ToString(), made.Name, parent.PathOf(made.Name), 0, null, null, 0, null);
            (await Children(parent, cancel))[RemoteEntry.Key(name)] = entry;
            listed[entry.Id] = Task.FromResult(new Dictionary<string, RemoteEntry>(StringComparer.Ordinal));
            return entry;
        }
        finally
        {
            making.Release();
        }
    }

    /// <summary>What is in a folder, in the server's order.</summary>
    public async Task<IReadOnlyCollection<RemoteEntry>> List(RemoteEntry folder, CancellationToken cancel) =>
        (await Children(folder, cancel)).Values;

    /// <summary>The entry of that name; null when there is none.</summary>
    public async Task<RemoteEntry?> FindIn(RemoteEntry folder, string name, CancellationToken cancel) =>
        (await Children(folder, cancel)).GetValueOrDefault(RemoteEntry.Key(name));

    private Task<Dictionary<string, RemoteEntry>> Children(RemoteEntry folder, CancellationToken cancel) =>
        listed.GetOrAdd(folder.Id, _ => Load(folder, cancel));

    private async Task<Dictionary<string, RemoteEntry>> Load(RemoteEntry folder, CancellationToken cancel)
    {
        var found = new Dictionary<string, RemoteEntry>(StringComparer.Ordinal);
        await foreach (var line in server.Pages<EntryLine>($"api/folders/{folder.Id}/children{Listed()}", 1000, cancel))
        {
            found[RemoteEntry.Key(line.Name)] = new RemoteEntry(
                line.Kind == "folder", line.Id.ToString(), line.Name, folder.PathOf(line.Name), line.Size, line.ContentType,
                line.Status, line.Version, line.ModifiedAt);
        }

        return found;
    }

    private async Task<RemoteEntry> FindById(string remote, CancellationToken cancel)
    {
        var id = IdIn(remote)!.Value;
        try
        {
            var file = await server.Get<FileReply>($"api/files/{id}{Then()}", cancel);
            return new RemoteEntry(
                false, $"{id}", file.Name, $"id:{id}", file.Size, file.ContentType, file.Status, file.Version, file.ModifiedAt);
        }
        catch (NotDoneException none) when (none.ExitCode == ExitCodes.NotFound)
        {
            var folder = await server.Get<FolderReply>($"api/folders/{id}{Then()}", cancel);
            return new RemoteEntry(true, $"{id}", folder.Name, $"id:{id}", 0, null, null, 0, null);
        }
    }

    public void Dispose() => making.Dispose();

    private string Listed() => $"?sort={Uri.EscapeDataString(sort ?? "name")}" + (asOf is null ? "" : $"&asOf={Uri.EscapeDataString(asOf)}");

    private string Then() => asOf is null ? "" : $"?asOf={Uri.EscapeDataString(asOf)}";

    private static string[] Names(string remote)
    {
        var names = remote.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return names.Any(name => name is "." or "..")
            ? throw NotDoneException.Usage($"{remote}: a path at the server begins at the root, without . and ..")
            : names;
    }
}
