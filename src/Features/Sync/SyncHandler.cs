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

    public Task<Answer<ChangeStream>> Handle(FollowChanges request, CancellationToken cancellationToken) =>
        Task.FromResult<Answer<ChangeStream>>(streams.TryOpen(request.By.Account) is { } place
            ? new ChangeStream(Follow(request, CancellationToken.None), place)
            : No.TooManyStreams);

    private async IAsyncEnumerable<StreamedChange> Follow(
        FollowChanges request, [EnumeratorCancellation] CancellationToken cancel)
    {
        var told = new ConcurrentDictionary<FileId, bool>();
        using var watch = await news.Watch(request.After, one => Concerns(one, request.By.Account, told), cancel);
        while (await watch.Next(options.Heartbeat, cancel) is { } batch)
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

    private static bool Concerns(News one, AccountId account, ConcurrentDictionary<FileId, bool> told) => one switch
    {
        News.OfFile file => file.Audience?.MayConcern(account) != false || told.ContainsKey(file.File),
        News.OfAccess => !told.IsEmpty,
        News.OfSessions => one.Owner == account,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private async Task<IReadOnlyList<StreamedChange>> Changes(
        Caller caller, NewsBatch batch, ConcurrentDictionary<FileId, bool> told, CancellationToken cancel)
    {
        var changes = new List<StreamedChange>();
        var looked = new HashSet<FileId>();
        foreach (var one in batch.Items.OfType<News.OfFile>())
        {
            looked.Add(one.File);
            if (await Look(caller, one.File, told, cancel) is { } change)
                changes.Add(change);
        }

        if (batch.Items.Any(one => one is News.OfAccess))
        {
            foreach (var file in told.Keys.Where(file => !looked.Contains(file)))
            {
                if (await access.Ask(caller, file, FileAction.Read, cancel) is not Answer<FileAccess>.Yes && told.TryRemove(file, out _))
                    changes.Add(new StreamedChange.Gone(null, new FileGone(file)));
            }
        }

        if (told.Count > MostTold)
        {
            told.Clear();
            changes.Add(new StreamedChange.Reset(null));
        }

        return changes;
    }

    private async Task<StreamedChange?> Look(
        Caller caller, FileId file, ConcurrentDictionary<FileId, bool> told, CancellationToken cancel)
    {
        var asked = await access.Ask(caller, file, FileAction.Read, cancel);
        if (asked is Answer<FileAccess>.Yes(var may, _) && await files.FindWithStatus(file, cancel) is var (shown, status))
        {
            if (may.Owner != caller.Account)
                told[file] = true;
            return new StreamedChange.Of(null, new FileChange(shown, status));
        }

        var wasTheirs = asked is Answer<FileAccess>.Yes({ IsDeleted: true }, _);
        return told.TryRemove(file, out _) || wasTheirs ? new StreamedChange.Gone(null, new FileGone(file)) : null;
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
