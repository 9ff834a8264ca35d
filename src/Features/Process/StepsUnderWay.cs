namespace EventFiles.Features.Process;

/// <summary>
/// The attempts that this process is making. What the log says it has begun, and is not among these, has come to nothing:
/// its end could not be told when the database was away.
/// </summary>
internal sealed class StepsUnderWay
{
    private readonly Lock gate = new();

    // The same one twice while two deliveries race for it: the log lets one of them have it.
    private readonly List<(JobId Job, int Attempt)> all = [];

    public void Begin(StepState step)
    {
        lock (gate)
            all.Add((step.Plan.Job, step.Attempt));
    }

    public void End(StepState step)
    {
        lock (gate)
            all.Remove((step.Plan.Job, step.Attempt));
    }

    public bool Has(StepState step)
    {
        lock (gate)
            return all.Contains((step.Plan.Job, step.Attempt));
    }
}
