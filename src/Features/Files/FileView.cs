using System.Collections.Immutable;
using System.Globalization;

namespace EventFiles.Features.Files;

/// <summary>
/// All that readers may be told of a file. What happens to it stands in several streams, so every field is set on its own.
/// </summary>
/// <param name="ContentType">As announced by the first upload; a version has its own.</param>
/// <param name="SizeBytes">As announced by the first upload; a version has its own.</param>
/// <param name="CreatedAt">When the first upload began, then when it was complete.</param>
/// <param name="Versions">By number.</param>
/// <param name="Steps">Those of the current version, and of one whose completion is not heard of yet.</param>
/// <param name="Variants">The same.</param>
/// <param name="Position">Of the last event that changed anything here.</param>
/// <param name="Revision">How often the file was renamed or moved.</param>
public sealed record FileView(
    FileId Id, AccountId Owner, FolderId Folder, string Name, string ContentType, long SizeBytes, DateTimeOffset CreatedAt,
    ImmutableArray<StoredVersion> Versions, ImmutableArray<FileStep> Steps, ImmutableArray<StoredVariant> Variants,
    bool IsTrashed, bool IsDeleted, long Position, long Revision)
{
    /// <summary>Versions that are deleted; they are not among <see cref="Versions"/>.</summary>
    public ImmutableArray<int> DeletedVersions { get; init; } = [];

    /// <summary>By version.</summary>
    public ImmutableSortedDictionary<int, string> Labels { get; init; } = ImmutableSortedDictionary<int, string>.Empty;

    /// <summary>What the scanner said, by version.</summary>
    public ImmutableSortedDictionary<int, FileScan> Scans { get; init; } = ImmutableSortedDictionary<int, FileScan>.Empty;

    /// <summary>What it said of the current version; null while it has said nothing.</summary>
    public FileScan? CurrentScan() => Current() is { } current ? Scans.GetValueOrDefault(current.Number) : null;

    public string? LabelOf(int version) => Labels.GetValueOrDefault(version);

    /// <summary>A file of which only the id is known so far.</summary>
    public static FileView Unheard(FileId file, AccountId owner) =>
        new(file, owner, default, "", "", 0, default, [], [], [], false, false, 0, 0);

    /// <summary>Null while the first version is uploading.</summary>
    public StoredVersion? Current() => Versions.IsEmpty ? null : Versions[^1];

    /// <summary>The steps that say how the file stands.</summary>
    public IEnumerable<FileStep> CurrentSteps() => Steps.Where(step => step.Version == (Current()?.Number ?? 1));

    public IEnumerable<StoredVariant> CurrentVariants() => Variants.Where(made => made.Version == Current()?.Number);

    /// <summary>See <see cref="FileStatus"/>.</summary>
    public string Status() => Status(IsTrashed);

    private string Status(bool isTrashed) => FileStatus.Of(
        IsDeleted, isTrashed, Current() is not null, [.. CurrentSteps().Select(step => step.Status)],
        CurrentScan()?.Verdict == ScanVerdict.Infected, CurrentScan()?.Holds == true);

    /// <summary>Changes with every change of the view.</summary>
    public string ETag() => ETagOf(Position);

    public static string ETagOf(long position) => string.Create(CultureInfo.InvariantCulture, $"\"{position}\"");

    /// <summary>How far it has come, stage by stage and step by step.</summary>
    /// <param name="isPast">This is how it was.</param>
    public async Task<FileStatusView> ToStatus(IStages stages, bool isPast, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(stages);
        FileStepView[] steps =
        [
            .. CurrentSteps().Select(step => new FileStepView(
                step.Job, step.Processor, step.Variant, step.Status, step.Attempts, step.Error, step.Since,
                step.Status is StepStatus.Running ? step.Due : null, step.Status is StepStatus.Delayed ? step.Due : null)),
        ];
        var scan = CurrentScan();
        return new FileStatusView(
            Status(), steps,
            scan is { Verdict: ScanVerdict.Infected, Detail: var threat } ? $"infected: {threat}"
                : scan is { Holds: true } && steps.Any(step => FileStatus.IsOpen(step.Status)) ? VersionProgress.Overdue
                : steps.FirstOrDefault(step => step.Status == StepStatus.Failed)?.Error,
            FileProgress.Of([.. steps.Select(step => step.Status)]),
            Current() is { } current
                ? await stages.Of(
                    new VersionProgress(
                        Id, current.Number, current.ContentType, current.CreatedAt, steps, scan?.Verdict ?? ScanVerdict.NotScanned, scan?.Detail, isPast)
                    {
                        IsOverdue = scan?.Verdict is ScanVerdict.NotScanned,
                        IsHeld = scan?.Holds == true,
                    },
                    cancel)
                : []);
    }

    /// <summary>As every slice may show it.</summary>
    public FileSummary ToSummary()
    {
        var current = Current();
        return new FileSummary(
            Id, Name, Folder, current?.SizeBytes ?? SizeBytes, current?.ContentType ?? ContentType, current?.Sha256, Status(),
            current?.Number ?? 0, CreatedAt, current?.CreatedAt ?? CreatedAt,
            [.. CurrentVariants().Select(made => new FileVariant(
                made.Name, made.ContentType, made.SizeBytes, made.Width, made.Height))],
            Scan: CurrentScan()?.Verdict ?? ScanVerdict.NotScanned)
        {
            Owner = Owner,
            StatusOutsideTrash = Status(isTrashed: false),
            StoredAs = current?.StoredAs ?? default,
            ETag = ETag(),
        };
    }
}

/// <summary>One complete version.</summary>
public sealed record StoredVersion(
    int Number, UploadId Upload, long SizeBytes, string ContentType, string Sha256, ObjectKey StoredAs,
    DateTimeOffset CreatedAt)
{
    /// <summary>Who brought or restored it.</summary>
    public AccountId By { get; init; }

    /// <summary>The version whose bytes it has; null when its own upload brought them.</summary>
    public int? RestoredFrom { get; init; }
}

/// <summary>What the virus scanner said of one version; that it is not scanned only when it should have been by then.</summary>
/// <param name="Detail">The threat's name, or why it could not be looked at; null when it passed.</param>
public sealed record FileScan(ScanVerdict Verdict, string? Detail)
{
    /// <summary>It should have been looked at by now, and nothing is made of it before.</summary>
    public bool Holds { get; init; }
}

/// <summary>One processing step of one version.</summary>
public sealed record FileStep(
    JobId Job, int Version, string Processor, string Variant, StepStatus Status, int Attempts, string? Error)
{
    /// <summary>When it took on this status.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>While it runs, when it must have ended; while it is delayed, when it is tried again; else null.</summary>
    public DateTimeOffset? Due { get; init; }
}

/// <summary>What a step made.</summary>
/// <param name="Position">Of the event that told of it: another making of the same variant has another.</param>
public sealed record StoredVariant(
    int Version, string Name, ObjectKey StoredAs, string ContentType, long SizeBytes, int Width, int Height,
    DateTimeOffset MadeAt, long Position);
