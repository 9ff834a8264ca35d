namespace EventFiles.Infrastructure.ReadModels;

/// <summary>One piece of work at a time, beside the steps that asked for it. For one caller at a time.</summary>
internal sealed class Errand
{
    private Task? work;
    private CancellationTokenSource? working;

    /// <summary>Begins, unless another one is under way.</summary>
    public void Begin(Func<CancellationToken, Task> what, CancellationToken cancel)
    {
        if (work is not null)
            return;
        working = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        work = what(working.Token);
    }

    /// <summary>Makes room for another one when this one has ended; gives why it failed, if it did.</summary>
    public async Task<Exception?> Tidy()
    {
        if (work is not { IsCompleted: true })
            return null;
        var why = work.Exception?.InnerException;
        await Interrupt();
        return why;
    }

    public async Task Interrupt()
    {
        if (work is null)
            return;
        await working!.CancelAsync();
        await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        working.Dispose();
        (work, working) = (null, null);
    }
}
