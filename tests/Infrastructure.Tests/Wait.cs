namespace EventFiles.Infrastructure.Tests;

/// <summary>Waits for a thing, never for seconds.</summary>
internal static class Wait
{
    // Long enough for a machine that is busy with other things; who waits in vain has failed anyway.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    /// <summary>Until the task has ended; the test fails after minutes.</summary>
    public static Task For(Task task) => task.WaitAsync(Longest, TestContext.Current.CancellationToken);

    /// <summary>Until the task has ended; the test fails after minutes.</summary>
    public static Task<T> For<T>(Task<T> task) => task.WaitAsync(Longest, TestContext.Current.CancellationToken);

    /// <summary>Until it is so; the test fails after minutes.</summary>
    public static async Task Until(Func<Task<bool>> isSo, string what) =>
        Assert.True(await Comes(isSo, Longest), $"Waited in vain: {what}.");

    /// <summary>Until it is so; false when that takes too long.</summary>
    public static async Task<bool> Comes(Func<Task<bool>> isSo, TimeSpan longest)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            if (TimeProvider.System.GetElapsedTime(started) > longest)
                return false;
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        return true;
    }

    /// <summary>Until it is so; the test fails after minutes, or what is said.</summary>
    public static async Task Until(Func<bool> isSo, string what, TimeSpan? longest = null)
    {
        var giveUp = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            if (TimeProvider.System.GetElapsedTime(giveUp) > (longest ?? Longest))
                Assert.Fail($"Waited in vain: {what}.");
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }
}
