using EventFiles.Features.Process;

namespace EventFiles.Features.Tests.Process;

/// <summary>How far a version has come in the one pipeline, read aloud.</summary>
public sealed class ProcessChainTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Each_stage_is_what_its_steps_are_together()
    {
        Assert.Equal(
            "scan succeeded, inspect succeeded, renditions running, text queued, index queued",
            Told(Version("application/pdf", ("metadata", StepStatus.Succeeded), ("pdf_thumbnail", StepStatus.Running), ("text", StepStatus.Queued)) with
            {
                Verdict = ScanVerdict.Clean,
            }));
        Assert.Equal(
            "inspect succeeded, renditions delayed, index succeeded",
            Told(Version("image/jpeg", ("thumbnail", StepStatus.Succeeded), ("webp", StepStatus.Delayed), ("resize", StepStatus.Queued), ("metadata", StepStatus.Succeeded)), ScanPolicy.Off));
        Assert.Equal(
            "inspect cancelled, renditions failed, index succeeded",
            Told(Version("image/jpeg", ("thumbnail", StepStatus.Succeeded), ("webp", StepStatus.Failed), ("metadata", StepStatus.Cancelled)), ScanPolicy.Off));
    }

    [Fact]
    public void What_runs_tells_until_when_and_what_waits_tells_until_when_and_why()
    {
        var version = Version("image/jpeg", ("thumbnail", StepStatus.Running), ("webp", StepStatus.Running)) with { MadeAt = Noon };
        var steps = version.Steps.Select((step, at) => step with { Deadline = Noon.AddMinutes(5 + at) }).ToList();
        var running = Stages(version with { Steps = steps }, ScanPolicy.Off)[0];
        Assert.Equal((ProcessStage.Renditions, Noon.AddMinutes(6)), (running.Stage, running.Deadline));
        Assert.Equal(["thumbnail", "webp"], running.Variants);

        steps = [.. version.Steps.Select(step => step with { Status = StepStatus.Delayed, Error = "no tool", NextAttemptAt = Noon.AddSeconds(5) })];
        var delayed = Stages(version with { Steps = steps }, ScanPolicy.Off)[0];
        Assert.Equal((StepStatus.Delayed, "no tool", Noon.AddSeconds(5)), (delayed.Status, delayed.Error, delayed.NextAttemptAt));
    }

    [Theory]
    [InlineData(ScanVerdict.NotScanned, ScanPolicy.Off, "index succeeded")]
    [InlineData(ScanVerdict.NotScanned, ScanPolicy.Warn, "scan queued, index succeeded")]
    [InlineData(ScanVerdict.NotScanned, ScanPolicy.Require, "scan queued, index succeeded")]
    [InlineData(ScanVerdict.Clean, ScanPolicy.Off, "scan succeeded, index succeeded")]
    [InlineData(ScanVerdict.Released, ScanPolicy.Require, "scan succeeded, index succeeded")]
    [InlineData(ScanVerdict.Infected, ScanPolicy.Warn, "scan failed infected: Eicar, index succeeded")]
    [InlineData(ScanVerdict.Unscannable, ScanPolicy.Warn, "scan failed unscannable: Eicar, index succeeded")]
    public void The_scanner_is_a_stage_where_there_is_one(ScanVerdict verdict, ScanPolicy policy, string expected) => Assert.Equal(
        expected, Told(Version("application/zip") with { Verdict = verdict, Threat = verdict is ScanVerdict.Infected or ScanVerdict.Unscannable ? "Eicar" : null }, policy));

    [Fact]
    public void What_the_scanner_has_not_looked_at_in_time_says_so_and_so_does_all_that_waits_for_it()
    {
        var late = Version("image/jpeg", ("thumbnail", StepStatus.Queued)) with { IsOverdue = true, IsHeld = true };

        Assert.Equal($"scan delayed {VersionProgress.Overdue}, renditions delayed {VersionProgress.Overdue}, index succeeded", Told(late, ScanPolicy.Require));
        // Where nothing waits for it, nothing is held up.
        Assert.Equal($"scan delayed {VersionProgress.Overdue}, renditions queued, index succeeded", Told(late with { IsHeld = false }));
        Assert.Equal("scan succeeded, renditions queued, index succeeded", Told(late with { IsOverdue = false, IsHeld = false, Verdict = ScanVerdict.Clean }));
    }

    [Fact]
    public void A_text_is_indexed_when_it_is_kept_and_late_after_its_deadline()
    {
        var notes = Version("text/plain");
        Assert.Equal("index running", Told(notes, ScanPolicy.Off));
        Assert.Equal(Noon + ProcessChain.IndexLimit, Stages(notes, ScanPolicy.Off)[^1].Deadline);
        Assert.True(Stages(notes, ScanPolicy.Off)[^1].EndsUntold());
        Assert.Equal("index succeeded", Told(notes, ScanPolicy.Off, hasText: true));
        Assert.Equal(
            "index delayed late: The text cannot be searched in yet; it is read again within the hour.",
            Told(notes with { MadeAt = Noon - ProcessChain.IndexLimit }, ScanPolicy.Off));

        var letter = Version("application/pdf", ("text", StepStatus.Succeeded));
        Assert.Equal("text succeeded, index running", Told(letter, ScanPolicy.Off));
        Assert.Equal("text succeeded, index succeeded", Told(letter, ScanPolicy.Off, hasText: true));
        // Found by its name all the same.
        Assert.Equal("text failed, index succeeded", Told(Version("application/pdf", ("text", StepStatus.Failed)), ScanPolicy.Off));
    }

    [Fact]
    public void Of_the_past_the_index_is_not_told() =>
        Assert.Equal("text succeeded", Told(Version("application/pdf", ("text", StepStatus.Succeeded)) with { IsPast = true }, ScanPolicy.Off));

    [Fact]
    public void Every_stage_that_a_type_has_is_told_of_a_file_of_that_type()
    {
        foreach (var chain in ProcessChain.All(new EveryTool()))
        {
            var steps = chain.Stages.SelectMany(stage => stage.Variants).ToList();
            var planned = ProcessorRegistry.StepsFor(chain.ContentType, () => new(Guid.NewGuid()), new EveryTool());
            var version = Version(chain.ContentType, [.. planned.Select(step => (step.Processor, StepStatus.Queued))]);
            Assert.Equal(chain.Stages.Select(stage => stage.Stage), Stages(version, ScanPolicy.Warn).Select(stage => stage.Stage));
            Assert.Equal(steps.Count, planned.Length);
        }
    }

    private static VersionProgress Version(string contentType, params (string Processor, StepStatus Status)[] steps) => new(
        new(Guid.NewGuid()), 1, contentType, Noon,
        [.. steps.Select(step => new FileStepView(new(Guid.NewGuid()), step.Processor, step.Processor, step.Status, 0, null, Noon, null, null))],
        ScanVerdict.NotScanned, null, IsPast: false);

    private static IReadOnlyList<FileStageView> Stages(VersionProgress version, ScanPolicy policy, bool hasText = false) =>
        ProcessChain.Of(version, policy, hasText, Noon);

    private static string Told(VersionProgress version, ScanPolicy policy = ScanPolicy.Warn, bool hasText = false) =>
        string.Join(", ", Stages(version, policy, hasText).Select(stage =>
            $"{stage.Stage} {stage.Status}".ToLowerInvariant() + (stage.Error is null ? "" : $" {stage.Error}")));
}
