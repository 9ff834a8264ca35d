namespace EventFiles.Features.Process;

/// <summary>Finds what is personal in a step's options: it stands in the log, beside which it is erased, and nowhere else.</summary>
internal static class PersonalOptions
{
    /// <summary>As JSON; null when nothing is.</summary>
    public static async Task<string?> Of(IStreams streams, StreamId stream, StepState step, CancellationToken cancel)
    {
        if (!step.IsInstructed)
            return null;
        await foreach (var happened in streams.Read(stream.Name, 0, cancel))
        {
            if (happened.Fact is ProcessEvent.Instructed instructed && instructed.Job == step.Plan.Job)
                return instructed.Options;
        }

        return null;
    }
}
