using AccountsEvent = EventFiles.Features.Accounts.AccountsEvent;
using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;
using FilesEvent = EventFiles.Features.Files.FilesEvent;
using FoldersEvent = EventFiles.Features.Folders.FoldersEvent;
using GroupsEvent = EventFiles.Features.Groups.GroupsEvent;
using ProcessEvent = EventFiles.Features.Process.ProcessEvent;
using ScanEvent = EventFiles.Features.Scan.ScanEvent;
using SessionEvent = EventFiles.Features.Accounts.SessionEvent;
using ShareEvent = EventFiles.Features.Share.ShareEvent;
using TokenEvent = EventFiles.Features.Accounts.TokenEvent;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;
using VersionEvent = EventFiles.Features.Files.VersionEvent;

namespace EventFiles.Features.Sync;

/// <summary>What is news, fact by fact.</summary>
internal static class SyncNews
{
    public static readonly NewsTable Table = new NewsTable()
        .File<UploadEvent.Completed>(fact => fact.File)
        .File<UploadEvent.Reinstated>(fact => fact.File)
        .File<FilesEvent.Renamed>(fact => fact.File)
        .File<FilesEvent.Moved>(fact => fact.File)
        .Handover<FilesEvent.HandedOver>(fact => fact.File, fact => fact.From)
        .File<VersionEvent.Deleted>(fact => fact.File)
        .File<DeleteEvent.Trashed>(fact => fact.File)
        .File<DeleteEvent.TrashedWith>(fact => fact.File)
        .File<DeleteEvent.Restored>(fact => fact.File)
        .File<DeleteEvent.Requested>(fact => fact.File)
        .File<ProcessEvent.Planned>(fact => fact.File)
        .File<ProcessEvent.StepStarted>(fact => fact.File)
        .File<ProcessEvent.StepDelayed>(fact => fact.File)
        .File<ProcessEvent.StepSucceeded>(fact => fact.File)
        .File<ProcessEvent.StepFailed>(fact => fact.File)
        .File<ProcessEvent.Cancelled>(fact => fact.File)
        .File<ScanEvent.Passed>(fact => fact.File)
        .File<ScanEvent.Found>(fact => fact.File)
        .File<ScanEvent.NotScannable>(fact => fact.File)
        .File<ScanEvent.Overdue>(fact => fact.File)
        .File<ScanEvent.Released>(fact => fact.File)
        .Access<ShareEvent.Granted>()
        .Access<ShareEvent.Changed>()
        .Access<ShareEvent.Revoked>()
        .Access<ShareEvent.Ended>()
        .Access<ShareEvent.Closed>()
        .Group<GroupsEvent.Admitted>()
        .Group<GroupsEvent.Left>()
        .Group<GroupsEvent.Nested>()
        .Group<GroupsEvent.Unnested>()
        .Group<GroupsEvent.Deleted>()
        .Access<FoldersEvent.Moved>()
        .Access<FoldersEvent.HandedOver>()
        .Access<FoldersEvent.Trashed>()
        .Access<FoldersEvent.Deleted>()
        .Sessions<SessionEvent.Ended>()
        .Sessions<TokenEvent.Revoked>()
        .Sessions<AccountsEvent.Closed>()
        .Sessions<AccountsEvent.OthersSignedOut>()
        .Sessions<AccountsEvent.PasswordChanged>()
        .Sessions<AccountsEvent.PasswordReset>()
        .Sessions<AccountsEvent.Disabled>();
}
