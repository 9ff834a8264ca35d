using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using MediatR;
using FileAccess = EventFiles.Features.Vocabulary.FileAccess;
using No = EventFiles.Features.Sync.SyncRejection;

namespace EventFiles.Features.Sync;

/// <summary>
/// Streams what changes. News only say where to look: before anything is told it is asked who the caller is now and whether
/// they may read that file now, so nothing is told that a request in that moment would not have been.
/// </summary>
internal sealed class SyncHandler(INews news, IAccess access, IFiles files, OpenStreams streams, SyncOptions options) :
    IRequestHandler<FollowChanges, Answer<ChangeStream>>
{
    // Of so many files of others it is known that they were told of; of more, everything is read anew when access changes.
    private const int MostTold = 1000;

    // Of so many files at once, and so often, is looked for what no event tells.
    private const int MostAwaited = 100;
    private const int MostLooks = 60;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    public Task<Answer<ChangeStream>> Handle(FollowChanges request, CancellationToken cancellationToken) =>
        Task.FromResult<Answer<ChangeStream>>(streams.TryOpen(request.By.Account) is { } place
            ? new ChangeStream(Follow(request, CancellationToken.None), place)
            : No.TooManyStreams);

    private async IAsyncEnumerable<StreamedChange> Follow(
        FollowChanges request, [EnumeratorCancellation] CancellationToken cancel)
    {
        var told = new Told { IsResumed = request.After is not null };
        using var watch = await news.Watch(request.After, one => Concerns(one, request.By.Account, told), cancel);
        while (await watch.Next(told.Awaited.Count > 0 && LookAgain < options.Heartbeat ? LookAgain : options.Heartbeat, cancel) is { } batch)
        {
            // Looked at once for what came together, and once for each heartbeat: sign-ins also end by the clock.
            if (await request.Again.Look(cancel) is not { NeedsSecondFactor: false } caller)
            {
                yield return new StreamedChange.SignedOut(null);
                yield break;
            }

            var changes = new List<StreamedChange>();
            if (batch.IsReset)
                changes.Add(new StreamedChange.Reset(null));
            changes.AddRange(await Changes(caller, batch, told, cancel));
            if (changes.Count == 0)
                changes.Add(new StreamedChange.Heartbeat(null));
            // A reader who is cut off in the middle begins again before all of it.
            changes[^1] = changes[^1] with { Position = batch.Upto };
            foreach (var change in changes)
                yield return change;
        }
    }

    private static bool Concerns(News one, AccountId account, Told told) => one switch
    {
        News.OfFile file => file.Audience?.MayConcern(account) != false || file.Former == account || told.Files.ContainsKey(file.File),
        News.OfAccess => one.Owner != account && (told.IsResumed || told.Files.Values.Contains(one.Owner)),
        News.OfGroup => told.IsResumed || !told.Files.IsEmpty,
        News.OfSessions => one.Owner == account,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private async Task<IReadOnlyList<StreamedChange>> Changes(
        Caller caller, NewsBatch batch, Told told, CancellationToken cancel)
    {
        var changes = new List<StreamedChange>();
        // What was told before the connection broke nobody knows here.
        if (told.IsResumed && batch.Items.Any(one => one is News.OfAccess or News.OfGroup))
            changes.Add(new StreamedChange.Reset(null));
        told.IsResumed = false;
        var looked = new HashSet<FileId>();
        foreach (var one in batch.Items.OfType<News.OfFile>())
        {
            looked.Add(one.File);
            if (await Look(caller, one, told, cancel) is { } change)
                changes.Add(change);
        }

        foreach (var one in told.Awaited.Values.Where(one => !looked.Contains(one.File)).ToList())
        {
            if (await LookAgainAt(caller, one, told, cancel) is { } change)
                changes.Add(change);
        }

        var isAnybodys = batch.Items.Any(one => one is News.OfGroup);
        var owners = batch.Items.OfType<News.OfAccess>().Select(one => one.Owner).ToHashSet();
        foreach (var (file, owner) in told.Files.Where(one => !looked.Contains(one.Key) && (isAnybodys || owners.Contains(one.Value))))
        {
            if (await access.Ask(caller, file, FileAction.Read, cancel) is not Answer<FileAccess>.Yes && told.Files.TryRemove(file, out _))
                changes.Add(new StreamedChange.Gone(null, new FileGone(file)));
        }

        if (told.Files.Count > MostTold)
        {
            told.Files.Clear();
            changes.Add(new StreamedChange.Reset(null));
        }

        return changes;
    }

    private async Task<StreamedChange?> Look(
        Caller caller, News.OfFile one, Told told, CancellationToken cancel)
    {
        // Noted before it is asked: whoever takes it away meanwhile is heard.
        var isNew = one.Owner != caller.Account && told.Files.TryAdd(one.File, one.Owner);
        var asked = await access.Ask(caller, one.File, FileAction.Read, cancel);
        if (asked is Answer<FileAccess>.Yes && await files.FindWithStatus(one.File, cancel) is var (shown, status))
        {
            told.Await(one, status);
            return new StreamedChange.Of(null, new FileChange(shown, status));
        }

        var wasTold = told.Files.TryRemove(one.File, out _) && !isNew;
        var wasTheirs = asked is Answer<FileAccess>.Yes({ IsDeleted: true }, _) || one.Former == caller.Account;
        return wasTold || wasTheirs ? new StreamedChange.Gone(null, new FileGone(one.File)) : null;
    }

    // That a text can be searched in is no fact of the log: who was told that it will be soon is told when it is.
    private async Task<StreamedChange?> LookAgainAt(Caller caller, News.OfFile one, Told told, CancellationToken cancel)
    {
        if (!told.HasLooksLeft(one.File))
            return null;
        if (await access.Ask(caller, one.File, FileAction.Read, cancel) is not Answer<FileAccess>.Yes
            || await files.FindWithStatus(one.File, cancel) is not var (shown, status))
        {
            told.Forget(one.File);
            return null;
        }

        if (status.Stages.Any(stage => stage.EndsUntold()))
            return null;
        told.Forget(one.File);
        return new StreamedChange.Of(null, new FileChange(shown, status));
    }

    /// <summary>What a stream has told.</summary>
    private sealed class Told
    {
        private readonly Dictionary<FileId, int> looks = [];

        /// <summary>Files of which something is about to happen that no event tells of; of the caller's own, too.</summary>
        public Dictionary<FileId, News.OfFile> Awaited { get; } = [];

        /// <summary>Other people's files, each with its owner.</summary>
        public ConcurrentDictionary<FileId, AccountId> Files { get; } = [];

        /// <summary>It goes on where another one ended, and has taken nothing yet.</summary>
        public bool IsResumed { get; set; }

        /// <summary>Has it looked at again, where that is needed.</summary>
        public void Await(News.OfFile one, FileStatusView status)
        {
            Forget(one.File);
            if (Awaited.Count < MostAwaited && status.Stages.Any(stage => stage.EndsUntold()))
                Awaited.Add(one.File, one);
        }

        /// <summary>Counts a look; what took too long is awaited no more.</summary>
        public bool HasLooksLeft(FileId file)
        {
            if ((looks[file] = looks.GetValueOrDefault(file) + 1) <= MostLooks)
                return true;
            Forget(file);
            return false;
        }

        public void Forget(FileId file)
        {
            Awaited.Remove(file);
            looks.Remove(file);
        }
    }
}

/// <summary>What streaming refuses.</summary>
public static class SyncRejection
{
    public static readonly Rejection TooManyStreams = new(
        "sync.too-many-streams", RejectionKind.Busy, "This account follows changes in as many places as it may: close one.")
    {
        RetryAfter = TimeSpan.FromSeconds(30),
    };
}
