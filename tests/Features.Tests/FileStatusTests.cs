using static EventFiles.Features.Vocabulary.StepStatus;

namespace EventFiles.Features.Tests;

public sealed class FileStatusTests
{
    [Theory]
    [InlineData("deleted", true, true, true, Running, Failed)]
    [InlineData("deleted", true, false, false)]
    [InlineData("trashed", false, true, true, Running)]
    [InlineData("trashed", false, true, false)]
    [InlineData("uploading", false, false, false)]
    [InlineData("uploading", false, false, false, Queued)]
    [InlineData("processing", false, false, true, Queued)]
    [InlineData("processing", false, false, true, Succeeded, Running)]
    [InlineData("processing", false, false, true, Failed, Delayed)]
    [InlineData("failed", false, false, true, Failed)]
    [InlineData("failed", false, false, true, Succeeded, Failed, Succeeded)]
    [InlineData("ready", false, false, true)]
    [InlineData("ready", false, false, true, Succeeded, Succeeded)]
    [InlineData("ready", false, false, true, Cancelled)]
    public void A_file_stands_as_the_first_rule_that_fits_says(
        string expected, bool isDeleted, bool isTrashed, bool hasContent, params StepStatus[] steps) =>
        Assert.Equal(expected, FileStatus.Of(isDeleted, isTrashed, hasContent, steps));

    [Theory]
    [InlineData("failed", false, Queued, Queued)]
    [InlineData("failed", false, Succeeded, Queued)]
    [InlineData("ready", false, Succeeded)]
    [InlineData("ready", false)]
    [InlineData("infected", true, Queued)]
    public void What_waits_for_the_scanner_longer_than_it_should_is_not_said_to_be_under_way(string expected, bool isInfected, params StepStatus[] steps) =>
        Assert.Equal(expected, FileStatus.Of(false, false, true, steps, isInfected, isHeld: true));

    [Theory]
    [InlineData("infected", false, false, true, Running)]
    [InlineData("infected", false, false, true)]
    [InlineData("trashed", false, true, true)]
    [InlineData("deleted", true, false, true)]
    public void What_is_infected_says_so_before_anything_else_that_is_not_gone(
        string expected, bool isDeleted, bool isTrashed, bool hasContent, params StepStatus[] steps) =>
        Assert.Equal(expected, FileStatus.Of(isDeleted, isTrashed, hasContent, steps, isInfected: true));
}
