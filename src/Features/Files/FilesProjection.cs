using System.Collections.Immutable;
using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;
using ProcessEvent = EventFiles.Features.Process.ProcessEvent;
using ScanEvent = EventFiles.Features.Scan.ScanEvent;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;

namespace EventFiles.Features.Files;

internal static class FilesProjection
{
    /// <summary>By file id. A deleted file keeps an empty view: its owner may ask what became of it.</summary>
    public static Projection<FileView> Define()
    {
        var files = new Projection<FileView>("files", version: 6);
        On<UploadEvent.Begun>(files, begun => begun.File, Begun);
        On<UploadEvent.Completed>(files, completed => completed.File, Completed);
        On<UploadEvent.Reinstated>(files, reinstated => reinstated.File, Reinstated);
        On<UploadEvent.Redirected>(files, redirected => redirected.File, (file, _, _) => WithoutUpload(file));
        On<UploadEvent.Abandoned>(files, abandoned => abandoned.File, (file, _, _) => WithoutUpload(file));
        On<FilesEvent.Renamed>(files, renamed => renamed.File, (file, renamed, happened) =>
            Placed(file, renamed.Folder, renamed.Name) with { Revision = happened.Version });
        On<FilesEvent.Moved>(files, moved => moved.File, (file, moved, happened) =>
            Placed(file, moved.Folder, moved.Name) with { Revision = happened.Version });
        On<FilesEvent.HandedOver>(files, handed => handed.File, (file, handed, happened) =>
            Placed(file, handed.Folder, handed.Name) with { Owner = handed.To, Revision = happened.Version });
        On<UploadEvent.HandedOver>(files, handed => handed.File, HandedOver);
        On<VersionEvent.Labelled>(files, labelled => labelled.File, (file, labelled, _) =>
            file with { Labels = file.Labels.SetItem(labelled.Version, labelled.Label) });
        On<VersionEvent.Unlabelled>(files, unlabelled => unlabelled.File, (file, unlabelled, _) =>
            file with { Labels = file.Labels.Remove(unlabelled.Version) });
        On<VersionEvent.Deleted>(files, deleted => deleted.File, (file, deleted, _) => file with
        {
            Versions = file.Versions.RemoveAll(version => version.Number == deleted.Version),
            DeletedVersions = [.. file.DeletedVersions.Append(deleted.Version).Distinct().Order()],
            Labels = file.Labels.Remove(deleted.Version),
            Scans = file.Scans.Remove(deleted.Version),
        });
        On<DeleteEvent.Trashed>(files, trashed => trashed.File, (file, _, _) => file with { IsTrashed = true });
        On<DeleteEvent.TrashedWith>(files, trashed => trashed.File, (file, _, _) => file with { IsTrashed = true });
        On<DeleteEvent.Restored>(files, restored => restored.File, (file, restored, _) =>
            Placed(file, restored.Folder, restored.Name) with { IsTrashed = false });
        On<DeleteEvent.Requested>(files, requested => requested.File, (file, _, _) =>
            FileView.Unheard(file.Id, file.Owner) with { IsDeleted = true });
        On<ProcessEvent.Planned>(files, planned => planned.File, Planned);
        On<ProcessEvent.StepStarted>(files, started => started.File, (file, started, happened) =>
            With(file, started.Job, step => step with
            {
                Status = StepStatus.Running,
                Attempts = started.Attempt,
                Since = happened.At,
                Due = started.Deadline,
            }));
        On<ProcessEvent.StepDelayed>(files, delayed => delayed.File, (file, delayed, happened) =>
            With(file, delayed.Job, step => step with
            {
                Status = StepStatus.Delayed,
                Error = delayed.Reason,
                Since = happened.At,
                Due = delayed.NotBefore,
            }));
        On<ProcessEvent.StepFailed>(files, failed => failed.File, (file, failed, happened) =>
            With(file, failed.Job, step => step with
            {
                Since = happened.At,
                Due = null,
                Status = StepStatus.Failed,
                Error = $"{failed.Code}: {failed.Detail}",
            }));
        On<ProcessEvent.StepSucceeded>(files, succeeded => succeeded.File, Succeeded);
        On<ProcessEvent.Cancelled>(files, cancelled => cancelled.File, (file, _, _) => file with
        {
            Steps = [.. file.Steps.Select(step =>
                FileStatus.IsOpen(step.Status) ? step with { Status = StepStatus.Cancelled, Due = null } : step)],
        });
        On<ScanEvent.Passed>(files, fact => fact.File, (file, fact, _) => Scanned(file, fact.Version, ScanVerdict.Clean, null));
        On<ScanEvent.Found>(files, fact => fact.File, (file, fact, _) => Scanned(file, fact.Version, ScanVerdict.Infected, fact.Threat));
        On<ScanEvent.NotScannable>(files, fact => fact.File, (file, fact, _) => Scanned(file, fact.Version, ScanVerdict.Unscannable, fact.Code));
        On<ScanEvent.Overdue>(files, fact => fact.File, (file, fact, _) =>
            file.DeletedVersions.Contains(fact.Version) || file.Scans.ContainsKey(fact.Version)
                ? file
                : file with { Scans = file.Scans.SetItem(fact.Version, new FileScan(ScanVerdict.NotScanned, null) { Holds = fact.Holds }) });
        On<ScanEvent.Released>(files, fact => fact.File, (file, fact, _) => Scanned(file, fact.Version, ScanVerdict.Released, fact.Threat));
        return files.Recalled("upload", "file", "delete", "process", "version", "scan");
    }

    // Two things hold for every fact: after the deletion nothing changes any more, and a change moves the position on.
    // Facts of one transaction may stand in the log in any order, so each must be able to be the first.
    private static void On<TFact>(
        Projection<FileView> files, Func<TFact, FileId> id, Func<FileView, TFact, RecordedEvent, FileView?> change)
        where TFact : class =>
        files.On<TFact>(fact => id(fact).ToString(), (file, fact, happened) =>
        {
            file ??= FileView.Unheard(id(fact), happened.Stream.Tenant);
            if (file.IsDeleted)
                return file;
            var changed = change(file, fact, happened);
            return changed is null || ReferenceEquals(changed, file)
                ? changed
                : changed with { Position = happened.Position };
        });

    // The same verdict with newer signatures changes nothing that is shown.
    private static FileView Scanned(FileView file, int version, ScanVerdict verdict, string? detail) =>
        file.DeletedVersions.Contains(version) || file.Scans.GetValueOrDefault(version) == new FileScan(verdict, detail)
            ? file
            : file with { Scans = file.Scans.SetItem(version, new FileScan(verdict, detail)) };

    private static FileView Placed(FileView file, FolderId folder, string name) => file with { Folder = folder, Name = name };

    // An upload of a further version shows nothing of itself before it is complete.
    private static FileView Begun(FileView file, UploadEvent.Begun begun, RecordedEvent happened) =>
        file.Current() is not null ? file : Placed(file, begun.Folder, begun.Name) with
        {
            ContentType = begun.ContentType,
            SizeBytes = begun.SizeBytes ?? 0,
            CreatedAt = happened.At,
        };

    private static FileView? WithoutUpload(FileView file) => file.Current() is null ? null : file;

    private static FileView Completed(FileView file, UploadEvent.Completed done, RecordedEvent happened)
    {
        if (done.Version == 1 && !file.Versions.Any(version => version.Number == 1))
            file = Placed(file, done.Folder, done.Name) with { CreatedAt = happened.At };
        return Made(file, new StoredVersion(
            done.Version, done.Upload, done.SizeBytes, done.ContentType, done.Sha256, done.StoredAs, happened.At)
        {
            By = happened.Actor ?? happened.Stream.Tenant,
        });
    }

    private static FileView Reinstated(FileView file, UploadEvent.Reinstated again, RecordedEvent happened) =>
        Made(file, new StoredVersion(
            again.Version, again.Upload, again.SizeBytes, again.ContentType, again.Sha256, again.StoredAs, happened.At)
        {
            By = happened.Actor ?? happened.Stream.Tenant,
            RestoredFrom = again.From,
        });

    // What was told under the former owner's key is told anew: when that key is gone, this is what there is.
    private static FileView HandedOver(FileView file, UploadEvent.HandedOver handed, RecordedEvent happened) => file with
    {
        Owner = handed.To,
        Versions =
        [
            .. file.Versions.Select(version => handed.Versions.FirstOrDefault(one => one.Version == version.Number) is { } now
                ? version with { Upload = now.Upload, Sha256 = now.Sha256, StoredAs = now.StoredAs }
                : version),
        ],
        Labels = handed.Versions.Where(one => one.Label.Length > 0)
            .ToImmutableSortedDictionary(one => one.Version, one => one.Label),
    };

    private static FileView Made(FileView file, StoredVersion version)
    {
        if (file.DeletedVersions.Contains(version.Number) || file.Versions.Any(known => known.Number == version.Number))
            return file;
        file = file with { Versions = [.. file.Versions.Append(version).OrderBy(each => each.Number)] };
        var current = file.Current()!.Number;
        return file with
        {
            Steps = file.Steps.RemoveAll(step => step.Version < current),
            Variants = file.Variants.RemoveAll(made => made.Version < current),
        };
    }

    // What is tried anew for a variant makes the former attempt forgotten.
    private static FileView Planned(FileView file, ProcessEvent.Planned plan, RecordedEvent happened) =>
        plan.Version < file.Current()?.Number ? file : file with
        {
            Steps =
            [
                .. file.Steps.Where(former =>
                    former.Version != plan.Version || !plan.Steps.Any(step => step.Variant == former.Variant)),
                .. plan.Steps.Select(step => new FileStep(
                    step.Job, plan.Version, step.Processor, step.Variant, StepStatus.Queued, 0, null)
                {
                    Since = happened.At,
                }),
            ],
        };

    private static FileView Succeeded(FileView file, ProcessEvent.StepSucceeded succeeded, RecordedEvent happened)
    {
        file = With(file, succeeded.Job, step => step with { Status = StepStatus.Succeeded, Error = null, Since = happened.At, Due = null });
        var made = succeeded.Made;
        if (made.Version < file.Current()?.Number)
            return file;
        return file with
        {
            Variants =
            [
                .. file.Variants.Where(former => former.Version != made.Version || former.Name != made.Name),
                new StoredVariant(
                    made.Version, made.Name, made.StoredAs, made.ContentType, made.SizeBytes, made.Width, made.Height,
                    happened.At, happened.Position),
            ],
        };
    }

    // A step of a former version, or one that was planned anew, is not there any more.
    private static FileView With(FileView file, JobId job, Func<FileStep, FileStep> change) =>
        file.Steps.FirstOrDefault(step => step.Job == job) is not { } step
            ? file
            : file with { Steps = file.Steps.Replace(step, change(step)) };
}
