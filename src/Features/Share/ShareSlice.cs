using Microsoft.Extensions.DependencyInjection;
using AccountsEvent = EventFiles.Features.Accounts.AccountsEvent;
using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;
using FoldersEvent = EventFiles.Features.Folders.FoldersEvent;

namespace EventFiles.Features.Share;

/// <summary>Who may use a file or a folder: its owner, whom the owner shares it with, and whoever has a link.</summary>
public static class ShareSlice
{
    public static Slice Define() => new Slice("share")
        .Serves(ShareEndpoint.Map)
        .Serves(LinkEndpoint.Map)
        .Serves(AccessEndpoint.Map)
        .Answers<GrantShare, ShareView, ShareHandler, GrantShareShape>()
        .Answers<ListShares, Page<ShareView>, ShareListHandler, ListSharesShape>()
        .Answers<RevokeShare, Done, ShareHandler>()
        .Answers<ListSharedWithMe, Page<SharedEntry>, ShareListHandler, ListSharedWithMeShape>()
        .Answers<ListSharedByMe, Page<SharedEntry>, ShareListHandler, ListSharedByMeShape>()
        .Answers<CreateLink, CreatedLink, LinkHandler, CreateLinkShape>()
        .Answers<ListLinks, Page<LinkView>, LinkHandler, ListLinksShape>()
        .Answers<RevokeLink, Done, LinkHandler>()
        .Answers<ReadLink, LinkTarget, LinkVisitHandler>()
        .Answers<DownloadLink, LinkContent, LinkVisitHandler>()
        .Answers<ReadLinkThumbnail, LinkContent, LinkVisitHandler>()
        .Answers<ReadAccessPast, AccessPastReply, AccessPastHandler, ReadAccessPastShape>()
        .Answers<CheckPermissions, PermissionResults, AccessHandler, CheckPermissionsShape>()
        .Stores<ShareEvent.Granted>("share.granted.v2").Upcasts("share.granted.v1", ShareShapes.OfGrants)
        .Stores<ShareEvent.Changed>("share.changed.v2").Upcasts("share.changed.v1", ShareShapes.OfGrants)
        .Stores<ShareEvent.Revoked>("share.revoked.v2").Upcasts("share.revoked.v1", ShareShapes.OfFilesAndAccounts)
        .Stores<ShareEvent.Ended>("share.ended.v2").Upcasts("share.ended.v1", ShareShapes.OfFilesAndAccounts)
        .Stores<ShareEvent.Closed>("share.closed.v2").Upcasts("share.closed.v1", ShareShapes.OfFilesAndAccounts)
        .Stores<ShareEvent.Offered>("share.offered.v1")
        .Stores<ShareEvent.Taken>("share.offer-taken.v1")
        .Stores<ShareEvent.Withdrawn>("share.offer-withdrawn.v1")
        .Stores<LinkEvent.Created>("share.link-created.v1")
        .Stores<LinkEvent.Used>("share.link-used.v1")
        .Stores<LinkEvent.Revoked>("share.link-revoked.v1")
        .TellsOf(file => ShareDecider.StreamOf(default, file).Name)
        .TellsOfFolder(folder => ShareDecider.StreamOf(default, folder).Name)
        .TellsOf(LinkDecider.StreamsOf)
        .KeepsFromHistory(() => new ShareVeil().Hides)
        .Shows(AccessProjection.Define())
        .Shows(FolderAccessProjection.Define())
        .Shows(ShareProjection.Define())
        .Shows(LinkProjection.Define())
        .Hears<DeleteEvent.Requested>((deletion, happened) => new CloseSharing(deletion.File, happened.Stream.Tenant))
        .Hears<FoldersEvent.Deleted>((deleted, happened) => new CloseFolderSharing(deleted.Folder, happened.Stream.Tenant))
        .Hears<LinkEvent.Revoked>((revoked, happened) => new ForgetLinkPassword(revoked.Link, happened.Stream.Tenant))
        .Hears<ShareEvent.Offered>((offered, happened) => new DeliverOffer(offered.On, happened.Stream.Tenant, offered.Share))
        .Hears<AccountsEvent.AddressConfirmed>((proved, _) => new TakeOffers(proved.Account))
        .Hears<AccountsEvent.AddressChanged>((proved, _) => new TakeOffers(proved.Account))
        .Hears<AccountsEvent.PasswordReset>((proved, _) => new TakeOffers(proved.Account))
        .Does<DeliverOffer, OfferHandler>("share")
        .Does<TakeOffers, OfferHandler>("share")
        .Due<ShareEntry>(ShareProjection.Ending, share => new EndShare(share.On, share.Owner, share.Id))
        .Archives<LinkEvent.Revoked>((_, happened) => happened.Stream.Name, LinkDecider.Decider.Until(link => link.IsRevoked))
        .Archives<DeleteEvent.Purged>(
            (purged, happened) => ShareDecider.StreamOf(happened.Stream.Tenant, purged.File).Name,
            ShareDecider.Decider.Until(shares => shares.IsClosed))
        .Does<CloseSharing, ShareHandler>("share")
        .Archives<ShareEvent.Closed>(
            (closed, happened) => closed.On.IsFolder ? happened.Stream.Name : null,
            ShareDecider.Decider.Until(shares => shares.IsClosed))
        .Does<CloseFolderSharing, ShareHandler>("share")
        .Does<EndShare, ShareHandler>("share")
        .Does<ForgetLinkPassword, LinkHandler>("share")
        .Offers<IAccess, ShareAccess>()
        .Offers<ISharing, SharingEnds>()
        .Offers<IFolderAccess, ShareAccess>()
        .Offers<IAudiences, ShareAudiences>()
        .Offers<IPersonalRecords, SharesGiven>()
        .Offers<IPersonalRecords, SharesReceived>()
        .Offers<IPersonalRecords, LinkRecords>()
        .Needs(all => all.AddSingleton<Standings>().AddSingleton<SharePages>().AddSingleton<LinkTries>());
}
