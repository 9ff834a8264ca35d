namespace EventFiles.Features.Process;

/// <summary>A file goes over when nothing is being made of it: what is begun for one owner is not ended for another.</summary>
internal sealed class HandedSteps : IHandsOverFiles
{
    public async Task<Rejection?> HandOver(ITransaction transaction, FileHandover what) =>
        (await transaction.Load(ProcessDecider.StreamOf(what.Owner, what.File), ProcessDecider.Decider))
            .Steps.Values.Any(step => !step.HasEnded)
            ? HandoverRejections.Busy
            : null;
}
