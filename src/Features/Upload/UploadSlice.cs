using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;

namespace EventFiles.Features.Upload;

/// <summary>Takes files, in one request or resumably, and makes them versions of files.</summary>
public static class UploadSlice
{
    /// <summary>The queue on which uploads end that did not end by themselves.</summary>
    public const string Queue = "upload";

    public static Slice Define() => new Slice("upload")
        .Serves(UploadEndpoint.Map)
        .Serves(BringEndpoint.Map)
        .Serves(ResumableEndpoint.Map)
        .Serves(DirectEndpoint.Map)
        .Serves(FileCopyEndpoint.Map)
        .Answers<ReceiveFile, UploadedFile, UploadHandler, ReceiveFileShape>()
        .Answers<BringFile, BroughtFile, UploadHandler, BringFileShape>()
        .Answers<CopyFile, UploadedFile, FileCopyHandler, CopyFileShape>()
        .Answers<CreateUpload, CreatedUpload, TusHandler, CreateUploadShape>()
        .Answers<JoinUploads, CreatedUpload, JoinHandler, JoinUploadsShape>()
        .Answers<ReadUpload, UploadProgress, TusHandler>()
        .Answers<ContinueUpload, UploadProgress, TusHandler>()
        .Answers<CancelUpload, Done, TusHandler>()
        .Answers<ReadDirectTerms, DirectTerms, DirectHandler>()
        .Answers<BeginDirectUpload, BegunDirectUpload, DirectHandler, BeginDirectUploadShape>()
        .Answers<ReadDirectUpload, DirectUpload, DirectHandler>()
        .Answers<AddressParts, PartAddresses, DirectHandler>()
        .Answers<CompleteDirectUpload, DirectUpload, DirectHandler, CompleteDirectUploadShape>()
        .Answers<CancelDirectUpload, Done, DirectHandler>()
        .Answers<TakePart, Done, DirectPartHandler>()
        .Does<JoinParts, DirectJoinHandler>(Queue)
        .Does<ExpireUpload, UploadEndHandler>(Queue)
        .Does<DiscardUpload, UploadEndHandler>(Queue)
        .Does<DiscardDuplicate, DuplicateHandler>(Queue)
        .Does<CompressContent, CompressHandler>(Queue)
        .Stores<UploadEvent.Begun>("upload.begun.v1")
        .Stores<UploadEvent.Copied>("upload.copied.v1")
        .Stores<UploadEvent.Extended>("upload.extended.v1")
        .Stores<UploadEvent.PartBegun>("upload.part-begun.v1")
        .Stores<UploadEvent.Assembled>("upload.assembled.v1")
        .Stores<UploadEvent.Consumed>("upload.consumed.v1")
        .Stores<UploadEvent.LengthAnnounced>("upload.length-announced.v1")
        .Stores<UploadEvent.DigestAnnounced>("upload.digest-announced.v1")
        .Stores<UploadEvent.Completed>("upload.completed.v1")
        .Stores<UploadEvent.Aimed>("upload.aimed.v1")
        .Stores<UploadEvent.Reinstated>("upload.reinstated.v1")
        .Stores<UploadEvent.HandedOver>("upload.handed-over.v1")
        .Stores<UploadEvent.Redirected>("upload.redirected.v1")
        .Stores<UploadEvent.Assigned>("upload.assigned.v1")
        .Stores<UploadEvent.PartsPlanned>("upload.parts-planned.v1")
        .Stores<UploadEvent.Delivered>("upload.delivered.v1")
        .Stores<UploadEvent.Abandoned>("upload.abandoned.v1")
        .TellsOf(file => $"upload-{file}")
        .Shows(UploadProjection.Define())
        .Due<UploadView>(UploadProjection.Due, late => new ExpireUpload(late.Upload, late.File, late.Owner))
        .Hears<UploadEvent.Delivered>((told, happened) => new JoinParts(told.Upload, told.File, happened.Stream.Tenant))
        .Hears<UploadEvent.Abandoned>((ended, happened) => new DiscardUpload(ended.Upload, happened.Stream.Tenant))
        .Hears<UploadEvent.Consumed>((used, happened) => new DiscardUpload(used.Upload, happened.Stream.Tenant))
        .Hears<UploadEvent.Completed>((whole, happened) =>
            whole.StoredAs != ObjectKey.Raw(whole.Upload) ? new DiscardDuplicate(whole.Upload, whole.File, happened.Stream.Tenant)
            : Compressible.MayBe(whole.ContentType, whole.SizeBytes) ? new CompressContent(whole.Upload, whole.File, happened.Stream.Tenant)
            : null)
        // A transfer into a file that is purged may still be open: its end gives space back.
        .Archives<DeleteEvent.Purged>(
            (purged, happened) => UploadDecider.StreamOf(purged.File, happened.Stream.Tenant).Name,
            UploadDecider.Decider.Until(file => file.HasEnded))
        .Archives<UploadEvent.Abandoned>(
            (_, happened) => happened.Stream.Name, UploadDecider.Decider.Until(file => file is { HasEnded: true, LastVersion: 0 }))
        .Archives<UploadEvent.Consumed>(
            (_, happened) => happened.Stream.Name, UploadDecider.Decider.Until(file => file is { HasEnded: true, LastVersion: 0 }))
        .Archives<UploadEvent.Redirected>(
            (_, happened) => happened.Stream.Name, UploadDecider.Decider.Until(file => file is { HasEnded: true, LastVersion: 0 }))
        .Offers<IUploads, UploadRegister>()
        .Offers<IUploadsOfOwner, UploadsOfOwner>()
        .Offers<IHandsOverFiles, HandedContents>()
        .Offers<IHandedBytes, HandedContents>()
        .Offers<IFileCopies, FileCopyHandler>()
        .Offers<IBulkAction, CopyFileAction>()
        .Needs(services => services
            .AddSingleton(all => UploadOptions.From(all.GetRequiredService<IConfiguration>()))
            .AddSingleton<UploadsInUse>()
            .AddSingleton<UploadCompletion>()
            .AddSingleton<UploadTargets>()
            .AddSingleton<UploadDestinations>()
            .AddSingleton<Transfers>()
            .AddSingleton<TransferBytes>()
            .AddSingleton<DirectJoins>()
            .AddSingleton<PartsUnderWay>());
}
