using System.Collections.Immutable;
using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;
using FilesEvent = EventFiles.Features.Files.FilesEvent;
using FoldersEvent = EventFiles.Features.Folders.FoldersEvent;
using ProcessEvent = EventFiles.Features.Process.ProcessEvent;
using QuotaEvent = EventFiles.Features.Quota.QuotaEvent;
using ShareEvent = EventFiles.Features.Share.ShareEvent;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;

namespace EventFiles.Infrastructure.Tests.Past;

/// <summary>What somebody might do with files and folders, by chance and the same for the same seed.</summary>
internal sealed class RandomLife(PastStore store, int seed)
{
    // Beyond the basic plane too: their order differs by what is compared, code units or code points.
    private static readonly string[] Names =
        ["a.txt", "B.txt", "file2.pdf", "file10.pdf", "file02.pdf", "ﬁ.txt", "\U0001F600.png", "\uFF21.png", "ä", "zebra", "100", "20"];

    private static readonly string[] Types = ["text/plain", "image/png", "image/svg+xml", "application/pdf"];

    private readonly Random chance = new(seed);
    private readonly List<Guid> files = [];
    private readonly Dictionary<Guid, int> versions = [];
    private readonly List<Guid> folders = [];
    private readonly List<(Guid File, Guid Share, Guid Grantee)> shares = [];
    private long used;

    public AccountId Owner { get; } = new(Guid.CreateVersion7());

    /// <summary>All that ever was, the root first.</summary>
    public IReadOnlyList<FolderId> Folders => [FolderId.RootOf(Owner), .. folders.Select(FolderId.Of)];

    public IReadOnlyList<Guid> Files => files;

    public async Task Go(int steps)
    {
        for (var step = 0; step < steps; step++)
            await Step();
    }

    private Task Step() => chance.Next(15) switch
    {
        0 or 1 => MakeFolder(),
        2 or 3 or 4 => Upload(),
        5 => files.Count > 0 ? NewVersion(Any(files)) : Upload(),
        6 => files.Count > 0 ? Tell("file", Any(files), file => new FilesEvent.Renamed(new(file), Place(), Name())) : Upload(),
        7 => files.Count > 0 ? Tell("file", Any(files), file => new FilesEvent.Moved(new(file), Place(), Name())) : Upload(),
        8 => folders.Count > 0 ? Tell("folder", Any(folders), folder => new FoldersEvent.Moved(new(folder), Place(), Name())) : MakeFolder(),
        9 => folders.Count > 0 ? Tell("folder", Any(folders), folder => new FoldersEvent.Renamed(new(folder), Place(), Name())) : MakeFolder(),
        10 => files.Count > 0 ? Tell("delete", Any(files), file => new DeleteEvent.Trashed(new(file), Owner)) : Upload(),
        11 => files.Count > 0 ? Tell("delete", Any(files), file => new DeleteEvent.Restored(new(file), Owner, Place(), Name())) : Upload(),
        12 => files.Count > 0 ? Share(Any(files)) : Upload(),
        13 => shares.Count > 0 ? EndShare() : MakeFolder(),
        _ => chance.Next(4) == 0 ? Remove() : Upload(),
    };

    private Task<Answer<Done>> MakeFolder()
    {
        var folder = Guid.CreateVersion7();
        folders.Add(folder);
        return Tell("folder", folder, _ => new FoldersEvent.Created(new(folder), Place(), Name()));
    }

    private Task Remove()
    {
        if (folders.Count > 0 && chance.Next(2) == 0)
            return Tell("folder", Any(folders), folder => new FoldersEvent.Deleted(new(folder)));
        return files.Count > 0 ? Tell("delete", Any(files), file => new DeleteEvent.Requested(new(file), Owner)) : Upload();
    }

    private Task Upload()
    {
        var file = Guid.CreateVersion7();
        files.Add(file);
        versions[file] = 0;
        return NewVersion(file);
    }

    // As an upload is completed: bytes, space and plan in one transaction; then the steps, each in its own.
    private async Task NewVersion(Guid file)
    {
        var (version, size, job) = (++versions[file], chance.NextInt64(1, 5000), new JobId(Guid.CreateVersion7()));
        used += size;
        var (id, key) = (new FileId(file), ObjectKey.Raw(new UploadId(file)));
        var balance = new Features.Quota.Balance(1 << 20, used, 0, files.Count);
        var answer = await store.Append(
            Owner,
            ($"upload-{file}", new UploadEvent.Completed(new(Guid.CreateVersion7()), id, version, Place(), Name(), Any(Types), size, "00", key)),
            ($"quota-{Owner}", new QuotaEvent.Charged(new(file), id, size) { After = balance }),
            ($"process-{file}", new ProcessEvent.Planned(
                id, version, key, "image/png", [new PlannedStepOf(job).Step])));
        if (answer.Refusal is not null)
            return;
        await Tell("process", file, _ => new ProcessEvent.StepStarted(id, job, 1, DateTimeOffset.UnixEpoch));
        await Tell("process", file, _ => chance.Next(3) == 0
            ? new ProcessEvent.StepFailed(id, job, "process.unreadable", "It cannot be read.")
            : new ProcessEvent.StepSucceeded(id, job, "1", new(version, "thumbnail", ObjectKey.Variant(id, version, "thumbnail"), "image/webp", 9, 1, 1)));
    }

    private Task<Answer<Done>> Share(Guid file)
    {
        var share = (file, Guid.CreateVersion7(), Guid.CreateVersion7());
        shares.Add(share);
        return Tell("share", file, _ => new ShareEvent.Granted(
            new FileId(file), new(share.Item2), new AccountId(share.Item3), Features.Share.ShareRole.Viewer, chance.Next(2) == 0 ? null : DateTimeOffset.UnixEpoch.AddYears(90)));
    }

    private Task<Answer<Done>> EndShare()
    {
        var (file, share, grantee) = shares[chance.Next(shares.Count)];
        return Tell("share", file, _ => chance.Next(2) == 0
            ? new ShareEvent.Revoked(new FileId(file), new(share), new AccountId(grantee))
            : new ShareEvent.Changed(new FileId(file), new(share), new AccountId(grantee), Features.Share.ShareRole.Editor, null));
    }

    private Task<Answer<Done>> Tell(string word, Guid id, Func<Guid, object> fact) => store.Append(Owner, ($"{word}-{id}", fact(id)));

    private FolderId Place() => Folders[chance.Next(Folders.Count)];

    private string Name() => Any(Names);

    private T Any<T>(IReadOnlyList<T> of) => of[chance.Next(of.Count)];

    private sealed record PlannedStepOf(JobId Job)
    {
        public Features.Process.PlannedStep Step => new(Job, "thumbnail", "thumbnail", 256, 256);
    }
}
