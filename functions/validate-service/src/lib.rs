//! Answers ValidateService.
