using MediatR;

namespace EventFiles.Features.Delete;

/// <summary>Removes the objects that nothing in the log stands for.</summary>
/// <param name="StartedAt">When this process began, the only one that stores objects.</param>
public sealed record ReconcileStorage(DateTimeOffset StartedAt) : IRequest<Answer<Done>>;
