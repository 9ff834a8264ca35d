using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Features.Erasure;

/// <summary>
/// Erases a person: all that is theirs and all that is told of them, so that it can be shown afterwards. Or one file, the same
/// way.
/// </summary>
public static class ErasureSlice
{
    internal const string Letters = "notify";

    public static Slice Define() => new Slice("erasure")
        .Serves(ErasureEndpoint.Map)
        .Answers<EraseMe, RequestedErasure, ErasureHandler, EraseMeShape>()
        .Answers<EraseAccount, RequestedErasure, ErasureHandler, EraseAccountShape>()
        .Answers<EraseFile, RequestedErasure, ErasureHandler, EraseFileShape>()
        .Answers<CancelErasure, ErasureView, ErasureHandler>()
        .Answers<ReadErasure, ErasureView, ErasureHandler>()
        .Answers<ReadReceipt, IssuedReceipt, ErasureHandler>()
        .Answers<ResumeErasures, Done, ErasureStepHandler>()
        .Stores<ErasureEvent.Requested>("erasure.requested.v1")
        .Stores<ErasureEvent.FileRequested>("erasure.file-requested.v1")
        .Stores<ErasureEvent.Cancelled>("erasure.cancelled.v1")
        .Stores<ErasureEvent.Begun>("erasure.begun.v1")
        .Stores<ErasureEvent.FileBegun>("erasure.file-begun.v1")
        .Stores<ErasureEvent.RecipientsFound>("erasure.recipients-found.v1")
        .Stores<ErasureEvent.RecipientTold>("erasure.recipient-told.v1")
        .Stores<ErasureEvent.Held>("erasure.held.v1")
        .Stores<ErasureEvent.ContentDeleted>("erasure.content-deleted.v1")
        .Stores<ErasureEvent.FileDeleted>("erasure.file-deleted.v1")
        .Stores<ErasureEvent.PersonalRemoved>("erasure.personal-removed.v1")
        .Stores<ErasureEvent.Verified>("erasure.verified.v1")
        .Stores<ErasureEvent.CopiesClosed>("erasure.copies-closed.v1")
        .Stores<ErasureEvent.ReceiptIssued>("erasure.receipt-issued.v1")
        .Shows(ErasureProjection.Define())
        .Due<ErasureEntry>(ErasureProjection.Due, entry => new ContinueErasure(entry.Id, entry.Subject, entry.Stage, entry.File))
        .Does<ContinueErasure, ErasureStepHandler>("accounts")
        .Hears<ErasureEvent.RecipientsFound>((found, happened) => new TellRecipients(found.Erasure, happened.Stream.Tenant, found.File))
        .Does<TellRecipients, RecipientsHandler>(Letters)
        .Does<TellRecipient, RecipientsHandler>(Letters)
        .Repeats(services => services.GetRequiredService<ErasureOptions>().Every, _ => new ResumeErasures())
        .Offers<IErasures, Erasures>()
        .Needs(services => services
            .AddSingleton(all => ErasureOptions.From(all.GetRequiredService<IConfiguration>()))
            .AddSingleton<ErasureContent>()
            .AddSingleton<ErasureFile>())
        .TellsOf(file => ErasureDecider.StreamOf(new(default, file)).Name)
        // Which of those whom it was offered to have an account is nobody's to learn.
        .KeepsFromHistory(() => happened => happened.Fact is ErasureEvent.RecipientsFound or ErasureEvent.RecipientTold);
}
